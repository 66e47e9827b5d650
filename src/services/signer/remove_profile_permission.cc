// SPDX-License-Identifier: Apache-2.0
//
// RemoveProfilePermission: takes a statement out of the policy of a profile; with the last one the policy goes, too.

#include <fmt/format.h>

#include <algorithm>

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/permissions.h"

namespace firmsign::signer {

aws::Result<ops::RemoveProfilePermission> RemoveProfilePermission(
    Service& signer, const gateway::Authorized<ops::RemoveProfilePermission>& call) {
  const RemoveProfilePermissionRequest& input = call.input();
  auto profile = signer.store.FindProfile(call.facts().account(), call.facts().region, ProfileName(input.profile_name));
  if (!profile) return std::unexpected(std::move(profile).error());
  if (!*profile) return NoSuchSharedProfile(input.profile_name);
  if ((*profile)->status != SigningProfileStatus::kActive) {
    return NotShareable("remove permission from", (*profile)->status);
  }
  auto policy = signer.store.FindPolicy((*profile)->account, (*profile)->region, (*profile)->name);
  if (!policy) return std::unexpected(std::move(policy).error());
  if (!*policy) return NoPolicy(input.profile_name);
  if (input.revision_id != (*policy)->revision) return AnotherRevision(input.revision_id, (*policy)->revision);
  const std::vector<Statement>& statements = (*policy)->statements;
  if (std::ranges::find(statements, input.statement_id, &Statement::id) == statements.end()) {
    return aws::Refuse<errors::ResourceNotFoundException>(
        fmt::format("No policy named {} associated with {} profile", input.statement_id, input.profile_name),
        "PolicyNotFound");
  }

  (*profile)->policy_revision = (*policy)->revision;
  RemoveProfilePermissionResponse output{.revision_id = MakeUuid(signer.random)};
  const std::string revision = statements.size() == 1 ? "" : *output.revision_id;
  const auto removed = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.RemovePermission(transaction, **profile, input.statement_id, revision));
    return call.Record(transaction, output);
  });
  if (removed) return output;
  if (removed.error().code == Code::kConflict) return ChangedMeanwhile("The policy of profile " + input.profile_name);
  return std::unexpected(removed.error());
}

}  // namespace firmsign::signer
