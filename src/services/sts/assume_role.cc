// SPDX-License-Identifier: Apache-2.0
//
// AssumeRole: a session of a role, for whom its trust policy names.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {
namespace {

using AssumeOp = ops::AssumeRole;

// Tags of the caller's session that go on into every session made from it. AccessDenied: the request changes one.
Found<AssumeOp, policy::Tags> TagsOf(const AssumeRoleRequest& input, const policy::Session* session) {
  ASSIGN_OR_RETURN(policy::Tags tags, TagsIn<AssumeOp>(input.tags));
  if (session == nullptr) return tags;
  for (const auto& [key, value] : session->tags) {
    const auto is_same = [&](const std::string& one) { return EqualsIgnoreCase(one, key); };
    if (std::ranges::none_of(session->transitive_tag_keys, is_same)) continue;
    if (std::ranges::any_of(tags, [&](const auto& tag) { return is_same(tag.first); })) {
      return aws::Refuse<errors::AccessDenied>(fmt::format(
          "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag "
          "key from the calling session: {}",
          key));
    }
    tags.emplace_back(key, value);
  }
  return tags;
}

std::vector<std::string> TransitiveKeys(const AssumeRoleRequest& input, const policy::Session* session) {
  std::vector<std::string> keys = input.transitive_tag_keys.value_or(std::vector<std::string>());
  if (session != nullptr) {
    keys.insert(keys.end(), session->transitive_tag_keys.begin(), session->transitive_tag_keys.end());
  }
  return keys;
}

}  // namespace

std::expected<gateway::Resolution, aws::OperationError<AssumeOp>> ResolveAssumeRole(Service& sts,
                                                                                    const gateway::CallFacts& facts,
                                                                                    const AssumeRoleRequest& input) {
  ASSIGN_OR_RETURN(gateway::Resolution resolution, ResolveRole(sts, input.role_arn));
  auto& resolved = *std::any_cast<ResolvedRole>(&resolution.value);
  ASSIGN_OR_RETURN(resolved.mfa, MfaCodeIn(sts, facts, input));
  if (resolved.mfa) {
    resolution.context.Set("aws:MultiFactorAuthPresent", "true");
    resolution.context.Set("aws:MultiFactorAuthAge", "0");
  }
  return resolution;
}

aws::Result<AssumeOp> AssumeRole(Service& sts, const Call<AssumeOp>& call) {
  const AssumeRoleRequest& input = call.input();
  const policy::Principal& caller = call.caller();
  const policy::Session* caller_session = caller.session.get();
  if (caller.type == policy::PrincipalType::kRoot || caller.type == policy::PrincipalType::kOperator) {
    return aws::Refuse<errors::AccessDenied>("Roles may not be assumed by root accounts.");
  }
  const auto& resolved = call.resolved<ResolvedRole>();
  if (!resolved.role) return aws::Refuse<errors::AccessDenied>("Access Denied");
  const bool is_chained = caller.type == policy::PrincipalType::kAssumedRole;
  ASSIGN_OR_RETURN(const std::int64_t seconds, SecondsOf<AssumeOp>(input.duration_seconds, *resolved.role, is_chained));
  ASSIGN_OR_RETURN(Limits limits, LimitsIn<AssumeOp>(sts, input, resolved.role->account));

  policy::Session session = NewSession(call.facts().now, seconds);
  ASSIGN_OR_RETURN(session.tags, TagsOf(input, caller_session));
  session.transitive_tag_keys = TransitiveKeys(input, caller_session);
  session.is_chained = is_chained;
  session.source_identity = input.source_identity.value_or("");
  if (caller_session != nullptr && !caller_session->source_identity.empty()) {
    if (input.source_identity && *input.source_identity != caller_session->source_identity) {
      return aws::Refuse<errors::AccessDenied>("The source identity of a session cannot be changed.");
    }
    session.source_identity = caller_session->source_identity;
  }
  // What comes from the caller's session needs the same rights as what the request brings.
  if (!session.tags.empty() || !session.transitive_tag_keys.empty()) {
    RETURN_IF_ERROR(call.Require("sts:TagSession", call.resource()));
  }
  if (!session.source_identity.empty()) RETURN_IF_ERROR(call.Require("sts:SetSourceIdentity", call.resource()));
  // A role's session shows no MFA of its own, whatever its maker showed.
  RETURN_IF_ERROR(PackedSize<AssumeOp>(limits, session.tags));  // before the code is spent
  RETURN_IF_ERROR(Take(sts, resolved.mfa));
  const std::string source_identity = session.source_identity;
  auto output =
      IssueRoleSession<AssumeOp>(sts, *resolved.role, input.role_session_name, std::move(session), std::move(limits));
  if (output && !source_identity.empty()) output->source_identity = source_identity;
  return output;
}

}  // namespace firmsign::sts
