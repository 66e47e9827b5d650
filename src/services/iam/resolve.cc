// SPDX-License-Identifier: Apache-2.0

#include "services/iam/handlers.h"

namespace firmsign::iam {

Expected<gateway::Resolution> ResolveNamed(Service& iam, const AccountId& account, Kind kind, std::string_view name) {
  gateway::Resolution resolution{{.owner = account, .arn = MakeArn(account, kind, "/", name)}};
  RETURN_IF_ERROR(iam.store.database().Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(const auto found, entities::Find(reader, account, kind, name));
    if (!found) return {};
    resolution.arn = found->arn();
    if (!found->boundary.empty()) resolution.context.Set("iam:PermissionsBoundary", found->boundary);
    ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, found->id));
    for (const auto& [key, value] : tags) {
      resolution.context.Set("aws:ResourceTag/" + key, value);
      resolution.context.Set("iam:ResourceTag/" + key, value);
    }
    return {};
  }));
  return resolution;
}

}  // namespace firmsign::iam
