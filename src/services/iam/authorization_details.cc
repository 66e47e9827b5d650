// SPDX-License-Identifier: Apache-2.0
//
// GetAccountAuthorizationDetails: everything that says who may do what, for auditors and their tools.

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

using DetailsOp = ops::GetAccountAuthorizationDetails;

// One thing of the list, which goes over all kinds.
struct Item {
  std::string key;     // kind and name: what the list is sorted by
  FoundPolicy policy;  // of policies
  Entity entity;       // of users, groups and roles
};

Expected<std::vector<PolicyDetail>> InlineDetails(db::Reader& reader, const Entity& entity) {
  ASSIGN_OR_RETURN(const auto policies, entities::InlinePoliciesOf(reader, entity.id));
  std::vector<PolicyDetail> details;
  for (const auto& policy : policies) {
    details.push_back({.policy_name = policy.name, .policy_document = EncodePercent(policy.document)});
  }
  return details;
}

Expected<std::vector<AttachedPolicy>> AttachedDetails(db::Reader& reader, const Entity& entity) {
  ASSIGN_OR_RETURN(const auto arns, entities::AttachedTo(reader, entity.id));
  std::vector<AttachedPolicy> details;
  for (const std::string& arn : arns) {
    details.push_back({.policy_name = arn.substr(arn.rfind('/') + 1), .policy_arn = arn});
  }
  return details;
}

Expected<void> AddUser(db::Reader& reader, const Entity& user, DetailsOp::Output& output) {
  UserDetail detail{
      .path = user.path, .user_name = user.name, .user_id = user.id, .arn = user.arn(), .create_date = user.created_at};
  ASSIGN_OR_RETURN(detail.user_policy_list, InlineDetails(reader, user));
  ASSIGN_OR_RETURN(detail.attached_managed_policies, AttachedDetails(reader, user));
  ASSIGN_OR_RETURN(const auto groups, entities::HoldersOfMember(reader, user.id));
  detail.group_list.emplace();
  for (const Entity& group : groups) detail.group_list->push_back(group.name);
  detail.permissions_boundary = BoundaryAnswer(user);
  ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, user.id));
  detail.tags = TagsAnswer(tags);
  output.user_detail_list->push_back(std::move(detail));
  return {};
}

Expected<void> AddGroup(db::Reader& reader, const Entity& group, DetailsOp::Output& output) {
  GroupDetail detail{.path = group.path,
                     .group_name = group.name,
                     .group_id = group.id,
                     .arn = group.arn(),
                     .create_date = group.created_at};
  ASSIGN_OR_RETURN(detail.group_policy_list, InlineDetails(reader, group));
  ASSIGN_OR_RETURN(detail.attached_managed_policies, AttachedDetails(reader, group));
  output.group_detail_list->push_back(std::move(detail));
  return {};
}

Expected<void> AddRole(db::Reader& reader, const Entity& role, DetailsOp::Output& output) {
  ASSIGN_OR_RETURN(const Role answer, RoleAnswer(reader, role));
  RoleDetail detail{.path = role.path,
                    .role_name = role.name,
                    .role_id = role.id,
                    .arn = role.arn(),
                    .create_date = role.created_at,
                    .assume_role_policy_document = answer.assume_role_policy_document};
  ASSIGN_OR_RETURN(detail.role_policy_list, InlineDetails(reader, role));
  ASSIGN_OR_RETURN(detail.attached_managed_policies, AttachedDetails(reader, role));
  ASSIGN_OR_RETURN(const auto profiles, entities::HoldersOfMember(reader, role.id));
  detail.instance_profile_list.emplace();
  for (const Entity& profile : profiles) {
    detail.instance_profile_list->push_back({.path = profile.path,
                                             .instance_profile_name = profile.name,
                                             .instance_profile_id = profile.id,
                                             .arn = profile.arn(),
                                             .create_date = profile.created_at,
                                             .roles = {answer}});
  }
  detail.permissions_boundary = BoundaryAnswer(role);
  ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, role.id));
  detail.tags = TagsAnswer(tags);
  output.role_detail_list->push_back(std::move(detail));
  return {};
}

Expected<void> AddPolicy(db::Reader& reader, const AccountId& account, const FoundPolicy& policy,
                         DetailsOp::Output& output) {
  ASSIGN_OR_RETURN(const Policy answer, PolicyAnswer(reader, account, policy));
  ManagedPolicyDetail detail{.policy_name = answer.policy_name,
                             .policy_id = answer.policy_id,
                             .arn = answer.arn,
                             .path = answer.path,
                             .default_version_id = answer.default_version_id,
                             .attachment_count = answer.attachment_count,
                             .permissions_boundary_usage_count = answer.permissions_boundary_usage_count,
                             .is_attachable = answer.is_attachable,
                             .description = answer.description,
                             .create_date = answer.create_date,
                             .update_date = answer.update_date};
  detail.policy_version_list.emplace();
  std::vector<entities::PolicyVersion> versions;
  if (policy.own) {
    ASSIGN_OR_RETURN(versions, entities::VersionsOf(reader, policy.own->id));
  } else {
    versions.push_back(
        {.number = 1, .document = std::string(policy.aws->document), .created_at = ManagedPoliciesMadeAt()});
  }
  for (const auto& version : versions) {
    const std::string name = VersionName(version.number);
    detail.policy_version_list->push_back({.document = EncodePercent(version.document),
                                           .version_id = name,
                                           .is_default_version = name == answer.default_version_id,
                                           .create_date = version.created_at});
  }
  output.policies->push_back(std::move(detail));
  return {};
}

}  // namespace

aws::Result<DetailsOp> GetAccountAuthorizationDetails(Service& iam, const Call<DetailsOp>& call) {
  const AccountId& account = call.facts().account();
  const auto& filter = call.input().filter;
  const auto is_wanted = [&](std::string_view type) {
    return !filter || filter->empty() || std::ranges::find(*filter, type) != filter->end();
  };
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<DetailsOp> {
    std::vector<Item> items;
    const std::pair<Kind, std::string_view> kinds[] = {{Kind::kUser, EntityType::kUser},
                                                       {Kind::kGroup, EntityType::kGroup},
                                                       {Kind::kRole, EntityType::kRole},
                                                       {Kind::kPolicy, EntityType::kLocalManagedPolicy}};
    for (const auto& [kind, type] : kinds) {
      if (!is_wanted(type)) continue;
      ASSIGN_OR_RETURN(auto found, entities::All(reader, account, kind));
      for (Entity& one : found) {
        Item item{.key = fmt::format("{}/{}", NameOf(kind), ToLower(one.name)), .policy = {}, .entity = {}};
        (kind == Kind::kPolicy ? item.policy.own.emplace() : item.entity) = std::move(one);
        items.push_back(std::move(item));
      }
    }
    if (is_wanted(EntityType::kAwsmanagedPolicy)) {
      for (const ManagedPolicy& policy : ManagedPolicies()) {
        items.push_back({.key = policy.arn(), .policy = {.own = std::nullopt, .aws = &policy}, .entity = {}});
      }
    }
    std::ranges::sort(items, {}, &Item::key);
    DetailsOp::Output output;
    RETURN_IF_ERROR(CutPage<DetailsOp>(call.input(), output, items, [](const Item& item) { return item.key; }));
    output.user_detail_list.emplace();
    output.group_detail_list.emplace();
    output.role_detail_list.emplace();
    output.policies.emplace();
    for (const Item& item : items) {
      if (item.policy.own || item.policy.aws != nullptr) {
        RETURN_IF_ERROR(AddPolicy(reader, account, item.policy, output));
      } else if (item.entity.kind == Kind::kUser) {
        RETURN_IF_ERROR(AddUser(reader, item.entity, output));
      } else if (item.entity.kind == Kind::kGroup) {
        RETURN_IF_ERROR(AddGroup(reader, item.entity, output));
      } else {
        RETURN_IF_ERROR(AddRole(reader, item.entity, output));
      }
    }
    return output;
  });
}

}  // namespace firmsign::iam
