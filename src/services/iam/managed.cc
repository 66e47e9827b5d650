// SPDX-License-Identifier: Apache-2.0

#include "services/iam/managed.h"

#include <charconv>

namespace firmsign::iam {

Expected<std::optional<FoundPolicy>> FindPolicy(db::Reader& reader, const AccountId& account, std::string_view arn) {
  if (const ManagedPolicy* aws = FindManagedPolicy(arn)) return FoundPolicy{.own = std::nullopt, .aws = aws};
  ASSIGN_OR_RETURN(auto own, entities::FindByArn(reader, Kind::kPolicy, arn));
  if (!own || own->account != account) return std::nullopt;
  return FoundPolicy{.own = std::move(own)};
}

Expected<Policy> PolicyAnswer(db::Reader& reader, const AccountId& account, const FoundPolicy& policy) {
  Policy answer{.policy_name = policy.name(), .arn = policy.arn()};
  ASSIGN_OR_RETURN(const auto holders, entities::HoldersOf(reader, account, policy.arn()));
  ASSIGN_OR_RETURN(const auto bounded, entities::BoundedBy(reader, account, policy.arn()));
  answer.attachment_count = std::ssize(holders);
  answer.permissions_boundary_usage_count = std::ssize(bounded);
  answer.is_attachable = true;
  if (policy.own) {
    const Entity& own = *policy.own;
    answer.policy_id = own.id;
    answer.path = own.path;
    answer.default_version_id = VersionName(own.number);
    if (!own.description.empty()) answer.description = own.description;
    answer.create_date = own.created_at;
    answer.update_date = own.updated_at;
  } else {
    answer.policy_id = std::string(policy.aws->id);
    answer.path = std::string(policy.aws->path);
    answer.default_version_id = VersionName(1);
    answer.description = std::string(policy.aws->description);
    answer.create_date = ManagedPoliciesMadeAt();
    answer.update_date = ManagedPoliciesMadeAt();
  }
  return answer;
}

std::int64_t ParseVersionName(std::string_view name) {
  std::int64_t number = 0;
  if (!name.starts_with('v')) return 0;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace firmsign::iam
