// SPDX-License-Identifier: Apache-2.0

#include "services/signer/permissions.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "aws/arn.h"
#include "base/strong.h"
#include "platform/json/json.h"
#include "services/signer/names.h"

namespace firmsign::signer {
namespace {

constexpr std::array<std::string_view, 3> kObjectActions = {"signer:StartSigningJob", "signer:GetSigningProfile",
                                                            "signer:RevokeSignature"};
constexpr std::array<std::string_view, 3> kPayloadActions = {"signer:SignPayload", "signer:GetSigningProfile",
                                                             "signer:RevokeSignature"};
constexpr std::size_t kStatementIdCharsMax = 64;
constexpr std::string_view kRolePrefix = "role/";
constexpr std::size_t kRoleCharsMax = 512 + 64;  // path and name

bool IsAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool IsStatementId(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return IsAlphanumeric(c) || c == '_' || c == '-'; });
}

bool IsRoleArn(std::string_view text) {
  const std::optional<aws::Arn> arn = aws::ParseArn(text);
  if (!arn || arn->partition != "aws" || arn->service != "iam" || !arn->region.empty()) return false;
  if (!IsAccountId(arn->account) || !arn->resource.starts_with(kRolePrefix)) return false;
  const std::string_view name = std::string_view(arn->resource).substr(kRolePrefix.size());
  // A path and a name, in the characters that IAM allows for both.
  const auto is_allowed = [](char c) { return IsAlphanumeric(c) || std::string_view("_+=,.@-/").contains(c); };
  return !name.empty() && name.size() <= kRoleCharsMax && std::ranges::all_of(name, is_allowed) && !name.ends_with('/');
}

void WriteStatement(json::Writer& writer, std::string_view resource, const Statement& statement) {
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  const auto object = [&](std::string_view name) {
    writer.Name(name);
    writer.BeginObject();
  };
  writer.BeginObject();
  text("Sid", statement.id);
  text("Effect", "Allow");
  object("Principal");
  text("AWS", IsAccountId(statement.principal) ? fmt::format("arn:aws:iam::{}:root", statement.principal)
                                               : statement.principal);
  writer.EndObject();
  text("Action", statement.action);
  text("Resource", resource);
  if (!statement.profile_version.empty()) {
    object("Condition");
    object("StringEquals");
    text("signer:ProfileVersion", statement.profile_version);
    writer.EndObject();
    writer.EndObject();
  }
  writer.EndObject();
}

std::string WriteStatements(std::string_view resource, std::span<const Statement> statements) {
  std::string text;
  json::Writer writer(text);
  writer.BeginArray();
  for (const Statement& statement : statements) WriteStatement(writer, resource, statement);
  writer.EndArray();
  return text;
}

}  // namespace

std::span<const std::string_view> GrantableActions(const signing::Platform& platform) {
  if (platform.output == signing::Output::kPayloadOnly) return kPayloadActions;
  return kObjectActions;
}

std::int64_t PolicyBytes(const Profile& profile, std::span<const Statement> statements) {
  return std::ssize(WriteStatements(profile.arn(), statements));
}

Expected<std::shared_ptr<const policy::Policy>> ResourcePolicyOf(Service& signer, const policy::Principal& caller,
                                                                 const ProfileId& profile, const std::string& arn) {
  if (caller.account == profile.account && caller.entity_id.empty()) return nullptr;
  ASSIGN_OR_RETURN(const std::optional<Policy> policy,
                   signer.store.FindPolicy(profile.account, profile.region, profile.name));
  if (!policy) return nullptr;
  const std::string document =
      R"({"Version":"2012-10-17","Statement":)" + WriteStatements(arn, policy->statements) + "}";
  auto parsed = signer.policies.Get("the permissions of profile " + profile.name.str(), document,
                                    policy::DocumentKind::kResource);
  if (!parsed) return Fail(Code::kCorrupt, parsed.error().message);
  return parsed;
}

AccountId AccountOf(std::string_view principal) {
  const std::optional<aws::Arn> arn = aws::ParseArn(principal);
  return arn ? AccountId(arn->account) : AccountId(principal);
}

std::optional<StatementProblem> CheckStatement(const Statement& statement, const signing::Platform& platform) {
  const std::string& id = statement.id;
  if (id.empty()) return StatementProblem{"statementId cannot be empty.", "ValidationException"};
  if (!IsStatementId(id)) {
    return StatementProblem{"Statement ID must contain only alphanumeric characters, underscores, and dashes",
                            "InvalidPermissionStatement"};
  }
  if (id.size() > kStatementIdCharsMax) {
    return StatementProblem{"Statement ID must be less than 64 characters length", "InvalidPermissionStatement"};
  }
  if (!IsAccountId(statement.principal) && !IsRoleArn(statement.principal)) {
    return StatementProblem{"Principal is not a valid AWS account id or IAM Role Arn", "InvalidPrincipal"};
  }
  const std::span<const std::string_view> actions = GrantableActions(platform);
  if (std::ranges::find(actions, statement.action) == actions.end()) {
    return StatementProblem{
        fmt::format("Action {} not supported for platform {}. Action must be one of [{}]",
                    statement.action.substr(0, kShownCharsMax), platform.id, fmt::join(actions, ", ")),
        "ValidationException"};
  }
  return std::nullopt;
}

}  // namespace firmsign::signer
