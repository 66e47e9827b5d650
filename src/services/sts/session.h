// SPDX-License-Identifier: Apache-2.0
//
// What the operations that hand out credentials share.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html

#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <any>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/api_error.h"
#include "base/encoding.h"
#include "gateway/call.h"
#include "model/sts.h"
#include "services/sts/service.h"

namespace firmsign::sts {

template <class Op>
using Call = gateway::Authorized<Op>;
template <class Op, class T>
using Found = std::expected<T, aws::OperationError<Op>>;

// Of session policy, ARNs and tags together: what a token can carry.
inline constexpr std::size_t kPackedBytesMax = 8192;
inline constexpr std::size_t kPolicyArnsMax = 10;

// The limits that a request puts on the session it asks for.
struct Limits {
  std::string policy;
  std::vector<std::string> policy_arns;
};

// `account`: whose managed policies may be named. MalformedPolicyDocumentException.
template <class Op>
Found<Op, Limits> LimitsIn(Service& sts, const typename Op::Input& input, const AccountId& account) {
  Limits limits;
  if (input.policy) {
    const auto parsed = policy::ParseDocument(*input.policy, policy::DocumentKind::kIdentity);
    if (!parsed) return aws::Refuse<errors::MalformedPolicyDocumentException>(parsed.error().message);
    limits.policy = *input.policy;
  }
  if (!input.policy_arns) return limits;
  if (input.policy_arns->size() > kPolicyArnsMax) {
    return aws::Refuse<errors::ValidationError>(
        fmt::format("PolicyArns has more than {} managed policies.", kPolicyArnsMax));
  }
  for (const PolicyDescriptorType& one : *input.policy_arns) {
    const std::string arn = one.arn.value_or("");
    const auto found = sts.identities.FindManagedPolicy(account, arn);
    if (!found && found.error().code != Code::kNotFound) return std::unexpected(found.error());
    if (!found) {
      return aws::Refuse<errors::MalformedPolicyDocumentException>(fmt::format("There is no managed policy {}.", arn));
    }
    limits.policy_arns.push_back(arn);
  }
  return limits;
}

// ValidationError: a key twice, whatever its case.
template <class Op>
Found<Op, policy::Tags> TagsIn(const std::optional<std::vector<Tag>>& tags) {
  policy::Tags result;
  if (!tags) return result;
  for (const Tag& tag : *tags) {
    for (const auto& [key, value] : result) {
      if (EqualsIgnoreCase(key, tag.key)) {
        return aws::Refuse<errors::ValidationError>(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
      }
    }
    result.emplace_back(tag.key, tag.value);
  }
  return result;
}

// How much of what a token can carry is used, in percent. PackedPolicyTooLargeException: more than all of it.
template <class Op>
Found<Op, std::int64_t> PackedSize(const Limits& limits, const policy::Tags& tags) {
  std::size_t bytes = limits.policy.size();
  for (const std::string& arn : limits.policy_arns) bytes += arn.size();
  for (const auto& [key, value] : tags) bytes += key.size() + value.size();
  if (bytes > kPackedBytesMax) {
    return aws::Refuse<errors::PackedPolicyTooLargeException>(fmt::format(
        "Packed policy consumes {}% of allotted space, please use smaller policy.", bytes * 100 / kPackedBytesMax));
  }
  return static_cast<std::int64_t>((bytes * 100 + kPackedBytesMax - 1) / kPackedBytesMax);
}

// Which roles and users may be named is not told by how long it takes: a session costs the same for everybody.
template <class Op>
Found<Op, Credentials> Issue(Service& sts, ports::NewSession session) {
  const Instant expires = session.principal.session->expires_at;
  constexpr SecretAccess kAnswer("temporary credentials, which are shown once");
  auto issued = sts.sessions.Issue(session);
  if (!issued) return std::unexpected(std::move(issued).error());
  return Credentials{.access_key_id = issued->access_key.str(),
                     .secret_access_key = std::string(issued->secret.Reveal(kAnswer)),
                     .session_token = std::move(issued->token),
                     .expiration = expires};
}

// A session that begins now. `seconds`: how long it lasts. `claimed`: what a token said of it.
inline policy::Session NewSession(Instant now, std::int64_t seconds, policy::Session claimed = {}) {
  // Tokens tell whole seconds.
  claimed.issued_at = Instant{now.micros / 1'000'000 * 1'000'000};
  claimed.expires_at = claimed.issued_at + std::chrono::seconds(seconds);
  return claimed;
}

// The code of the caller's MFA device that the request shows; nullopt: it shows none. Not taken yet. kDenied.
template <class Input>
Expected<std::optional<ports::MfaCode>> MfaCodeIn(Service& sts, const gateway::CallFacts& facts, const Input& input) {
  if (!input.serial_number || !input.token_code) {
    if (!input.serial_number && !input.token_code) return std::nullopt;
    return Fail(Code::kDenied,
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.");
  }
  ASSIGN_OR_RETURN(ports::MfaCode code,
                   sts.identities.CheckMfa(facts.caller, *input.serial_number, *input.token_code, facts.now));
  return std::optional(std::move(code));
}

// Takes the code, so that it counts once. kDenied.
inline Expected<void> Take(Service& sts, const std::optional<ports::MfaCode>& code) {
  if (!code) return {};
  return sts.identities.database().InTransaction(
      [&](db::Transaction& transaction) { return sts.identities.TakeMfa(transaction, *code); });
}

// A session of a role for `name`. The caller of this has decided that it may be.
policy::Principal RoleSession(const ports::RoleFacts& role, const std::string& name, policy::Session session);

// What a SAML assertion says of the answer.
struct SamlFacts {
  std::string issuer;
  std::string subject_type;
  std::string name_qualifier;
  std::string session_name;
  std::optional<std::int64_t> seconds;  // that the session shall last
  std::string name;                     // of the assertion and the role, for which it counts once
  Instant counts_until;
};

// The role that `arn` names as the resource of a call, with its trust policy; a role that is not there has none, so
// that everybody is refused alike.
struct ResolvedRole {
  std::optional<ports::RoleFacts> role;
  std::optional<ports::MfaCode> mfa;
  std::string subject;  // of the token that the call brought
  std::string audience;
  std::string provider;     // that made it
  SamlFacts saml;           // of an assertion
  policy::Session session;  // what that token says of the session to come
};
Expected<gateway::Resolution> ResolveRole(Service& sts, const std::string& arn);

// ValidationError: longer than the role allows, or than a session that a session makes may be.
template <class Op>
Found<Op, std::int64_t> SecondsOf(const std::optional<std::int64_t>& asked, const ports::RoleFacts& role,
                                  bool is_chained) {
  constexpr std::int64_t kSeconds = 3600;  // also of chained sessions at most
  const std::int64_t seconds = asked.value_or(kSeconds);
  if (is_chained && seconds > kSeconds) {
    return aws::Refuse<errors::ValidationError>(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  }
  if (seconds > role.session_seconds_max) {
    return aws::Refuse<errors::ValidationError>(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return seconds;
}

// The answer that a session of the role is: its credentials, whose they are, and how full the token is.
template <class Op>
aws::Result<Op> IssueRoleSession(Service& sts, const ports::RoleFacts& role, const std::string& name,
                                 policy::Session session, Limits limits) {
  typename Op::Output output;
  ASSIGN_OR_RETURN(output.packed_policy_size, PackedSize<Op>(limits, session.tags));
  policy::Principal principal = RoleSession(role, name, std::move(session));
  output.assumed_role_user = AssumedRoleUser{.assumed_role_id = principal.user_id, .arn = principal.arn};
  ASSIGN_OR_RETURN(output.credentials, Issue<Op>(sts, {.principal = std::move(principal),
                                                       .policy = std::move(limits.policy),
                                                       .policy_arns = std::move(limits.policy_arns),
                                                       .parent = {}}));
  return output;
}

}  // namespace firmsign::sts
