// SPDX-License-Identifier: Apache-2.0
//
// Groups and who is in them: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kGroupsMax = 300;
constexpr std::int64_t kGroupsOfAUserMax = 10;

}  // namespace

aws::Result<ops::CreateGroup> CreateGroup(Service& iam, const Call<ops::CreateGroup>& call) {
  const CreateGroupRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreateGroup> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kGroup, input.group_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("Group with name {} already exists.", input.group_name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kGroup));
    RETURN_IF_ERROR(CheckQuota<ops::CreateGroup>("GroupsPerAccount", count, kGroupsMax));
    const Entity group{.kind = Kind::kGroup,
                       .id = MakeEntityId(Kind::kGroup, iam.random),
                       .account = account,
                       .name = input.group_name,
                       .path = input.path.value_or("/"),
                       .created_at = call.facts().now,
                       .updated_at = call.facts().now};
    RETURN_IF_ERROR(entities::Insert(transaction, group));
    return CreateGroupResponse{.group = GroupAnswer(group)};
  });
}

aws::Result<ops::GetGroup> GetGroup(Service& iam, const Call<ops::GetGroup>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetGroup> {
    ASSIGN_OR_RETURN(const Entity group, NeedNamed(reader, call));
    GetGroupResponse output{.group = GroupAnswer(group)};
    ASSIGN_OR_RETURN(auto users, entities::MembersOf(reader, group.id));
    RETURN_IF_ERROR(
        CutPage<ops::GetGroup>(call.input(), output, users, [](const Entity& user) { return ToLower(user.name); }));
    std::ranges::transform(users, std::back_inserter(output.users), UserAnswer);
    return output;
  });
}

aws::Result<ops::UpdateGroup> UpdateGroup(Service& iam, const Call<ops::UpdateGroup>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateGroup> {
    return Rename(transaction, call, call.input().new_group_name, call.input().new_path);
  });
}

aws::Result<ops::DeleteGroup> DeleteGroup(Service& iam, const Call<ops::DeleteGroup>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeleteGroup> {
    ASSIGN_OR_RETURN(const Entity group, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const auto users, entities::MembersOf(transaction, group.id));
    ASSIGN_OR_RETURN(const auto attached, entities::AttachedTo(transaction, group.id));
    ASSIGN_OR_RETURN(const auto inlines, entities::InlinePoliciesOf(transaction, group.id));
    using DeleteConflict = errors::DeleteConflictException;
    if (!users.empty()) {
      return aws::Refuse<DeleteConflict>("Cannot delete entity, must remove users from group first.");
    }
    if (!attached.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must detach all policies first.");
    if (!inlines.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete policies first.");
    RETURN_IF_ERROR(entities::Remove(transaction, group));
    return ops::DeleteGroup::Output{};
  });
}

aws::Result<ops::ListGroups> ListGroups(Service& iam, const Call<ops::ListGroups>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListGroups> {
    ListGroupsResponse output;
    ASSIGN_OR_RETURN(const auto groups, ListPage(reader, call, Kind::kGroup, output));
    std::ranges::transform(groups, std::back_inserter(output.groups), GroupAnswer);
    return output;
  });
}

aws::Result<ops::AddUserToGroup> AddUserToGroup(Service& iam, const Call<ops::AddUserToGroup>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::AddUserToGroup> {
    ASSIGN_OR_RETURN(const Entity group, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const Entity user, Need<ops::AddUserToGroup>(transaction, call.facts().account(), Kind::kUser,
                                                                  call.input().user_name));
    ASSIGN_OR_RETURN(const auto groups, entities::HoldersOfMember(transaction, user.id));
    if (std::ranges::find(groups, group.id, &Entity::id) == groups.end()) {
      RETURN_IF_ERROR(CheckQuota<ops::AddUserToGroup>("GroupsPerUser", std::ssize(groups), kGroupsOfAUserMax));
    }
    RETURN_IF_ERROR(entities::AddMember(transaction, group.id, user.id));
    return ops::AddUserToGroup::Output{};
  });
}

aws::Result<ops::RemoveUserFromGroup> RemoveUserFromGroup(Service& iam, const Call<ops::RemoveUserFromGroup>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::RemoveUserFromGroup> {
    ASSIGN_OR_RETURN(const Entity group, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const Entity user, Need<ops::RemoveUserFromGroup>(transaction, call.facts().account(), Kind::kUser,
                                                                       call.input().user_name));
    ASSIGN_OR_RETURN(const bool was_member, entities::RemoveMember(transaction, group.id, user.id));
    if (!was_member) {
      return aws::Refuse<errors::NoSuchEntityException>(
          fmt::format("User {} is not in group {}.", user.name, group.name));
    }
    return ops::RemoveUserFromGroup::Output{};
  });
}

aws::Result<ops::ListGroupsForUser> ListGroupsForUser(Service& iam, const Call<ops::ListGroupsForUser>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListGroupsForUser> {
    ASSIGN_OR_RETURN(const Entity user, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(auto groups, entities::HoldersOfMember(reader, user.id));
    ListGroupsForUserResponse output;
    RETURN_IF_ERROR(CutPage<ops::ListGroupsForUser>(call.input(), output, groups,
                                                    [](const Entity& group) { return ToLower(group.name); }));
    std::ranges::transform(groups, std::back_inserter(output.groups), GroupAnswer);
    return output;
  });
}

}  // namespace firmsign::iam
