// SPDX-License-Identifier: Apache-2.0
//
// AddProfilePermission: a statement by which another account or a role may use the profile.
//
// The revision that the caller names guards against two who change the policy at once. The same statement a second time
// changes nothing and is answered before the revision is looked at, so that a lost answer does no harm.

#include <fmt/format.h>

#include <algorithm>

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/permissions.h"

namespace firmsign::signer {
namespace {

using AddRefused = aws::OperationError<ops::AddProfilePermission>;
using Invalid = errors::ValidationException;

Statement StatementOf(const AddProfilePermissionRequest& input) {
  return {.id = input.statement_id,
          .action = input.action,
          .principal = input.principal,
          .profile_version = input.profile_version.value_or("")};
}

std::expected<void, AddRefused> CheckProfile(const Service& signer, const std::optional<Profile>& profile,
                                             const AddProfilePermissionRequest& input) {
  if (!profile) return NoSuchSharedProfile(input.profile_name);
  if (profile->status != SigningProfileStatus::kActive) return NotShareable("add permission to", profile->status);
  const signing::Platform* platform = signing::FindPlatform(profile->platform_id);
  if (platform == nullptr) return NoSuchPlatform(profile->platform_id);
  if (auto problem = CheckStatement(StatementOf(input), *platform)) {
    return aws::Refuse<Invalid>(std::move(problem->message), std::move(problem->code));
  }
  if (input.profile_version && *input.profile_version != profile->version.str()) {
    return NoSuchVersion(*input.profile_version, profile->name);
  }
  // Whether the account has the role is not asked: roles are made after the permissions for them, too.
  if (const auto exists = signer.accounts.Exists(AccountOf(input.principal)); !exists) {
    if (exists.error().code != Code::kNotFound) return std::unexpected(exists.error());
    return aws::Refuse<errors::ResourceNotFoundException>("Principal not found");
  }
  return {};
}

// Terraform sends an empty text for the first statement.
std::string RevisionOf(const AddProfilePermissionRequest& input) { return input.revision_id.value_or(""); }

std::expected<void, AddRefused> CheckRevision(const std::string& current, const AddProfilePermissionRequest& input) {
  const std::string given = RevisionOf(input);
  if (current.empty() && !given.empty()) {
    return aws::Refuse<Invalid>("Resource Policy does not exist but revisionId was specified in the request",
                                "ValidationException");
  }
  if (!current.empty() && given.empty()) {
    return aws::Refuse<Invalid>(
        fmt::format("Resource Policy exists for Profile Name {}. But no revisionId was provided "
                    "in the request",
                    input.profile_name),
        "ValidationException");
  }
  if (given != current) return AnotherRevision(given, current);
  return {};
}

}  // namespace

aws::Result<ops::AddProfilePermission> AddProfilePermission(
    Service& signer, const gateway::Authorized<ops::AddProfilePermission>& call) {
  const AddProfilePermissionRequest& input = call.input();
  auto profile = signer.store.FindProfile(call.facts().account(), call.facts().region, ProfileName(input.profile_name));
  if (!profile) return std::unexpected(std::move(profile).error());
  if (auto checked = CheckProfile(signer, *profile, input); !checked)
    return std::unexpected(std::move(checked).error());
  auto found = signer.store.FindPolicy((*profile)->account, (*profile)->region, (*profile)->name);
  if (!found) return std::unexpected(std::move(found).error());
  Policy policy = (*found).value_or(Policy{});

  const Statement statement = StatementOf(input);
  const auto same_id = std::ranges::find(policy.statements, statement.id, &Statement::id);
  if (same_id != policy.statements.end()) {
    if (*same_id == statement) return AddProfilePermissionResponse{.revision_id = policy.revision};
    return aws::Refuse<Invalid>(fmt::format("Statement with statementId {} is already in the policy", statement.id),
                                "InvalidPermissionStatement");
  }
  if (auto checked = CheckRevision(policy.revision, input); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  policy.statements.push_back(statement);
  if (PolicyBytes(**profile, policy.statements) > kPolicyBytesMax) {
    return aws::Refuse<errors::ServiceLimitExceededException>(
        fmt::format("Policy cannot exceed maximum size of {} bytes", kPolicyBytesMax), "ServiceLimitExceeded");
  }

  (*profile)->policy_revision = policy.revision;
  AddProfilePermissionResponse output{.revision_id = MakeUuid(signer.random)};
  const auto added = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.AddPermission(transaction, **profile, statement, *output.revision_id));
    return call.Record(transaction, output);
  });
  if (added) return output;
  if (added.error().code == Code::kConflict) return ChangedMeanwhile("The policy of profile " + input.profile_name);
  return std::unexpected(added.error());
}

}  // namespace firmsign::signer
