// SPDX-License-Identifier: Apache-2.0
//
// ListProfilePermissions: the policy of a profile in any status. It is at most 2,000 bytes long, so it is one page.

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/page_token.h"
#include "services/signer/permissions.h"

namespace firmsign::signer {

aws::Result<ops::ListProfilePermissions> ListProfilePermissions(
    Service& signer, const gateway::Authorized<ops::ListProfilePermissions>& call) {
  const ListProfilePermissionsRequest& input = call.input();
  if (input.next_token) return aws::Refuse<errors::ValidationException>(std::string(kBadToken));
  const ProfileName name(input.profile_name);
  auto profile = signer.store.FindProfile(call.facts().account(), call.facts().region, name);
  if (!profile) return std::unexpected(std::move(profile).error());
  if (!*profile) return NoSuchSharedProfile(input.profile_name);
  auto policy = signer.store.FindPolicy(call.facts().account(), call.facts().region, name);
  if (!policy) return std::unexpected(std::move(policy).error());
  if (!*policy) return NoPolicy(input.profile_name);

  ListProfilePermissionsResponse output;
  output.revision_id = (*policy)->revision;
  output.policy_size_bytes = PolicyBytes(**profile, (*policy)->statements);
  std::vector<Permission>& answers = output.permissions.emplace();
  for (const Statement& statement : (*policy)->statements) {
    Permission& answer = answers.emplace_back();
    answer.action = statement.action;
    answer.principal = statement.principal;
    answer.statement_id = statement.id;
    answer.profile_version = IfGiven(statement.profile_version);
  }
  return output;
}

}  // namespace firmsign::signer
