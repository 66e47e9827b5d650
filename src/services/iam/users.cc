// SPDX-License-Identifier: Apache-2.0
//
// Users: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/mfa_store.h"
#include "services/iam/operations.h"
#include "services/iam/password_store.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kUsersMax = 5000;

// What a user must have lost before it can go.
Found<ops::DeleteUser, void> CheckDeletable(db::Reader& reader, const Entity& user) {
  using DeleteConflict = errors::DeleteConflictException;
  ASSIGN_OR_RETURN(const auto attached, entities::AttachedTo(reader, user.id));
  if (!attached.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must detach all policies first.");
  ASSIGN_OR_RETURN(const auto inlines, entities::InlinePoliciesOf(reader, user.id));
  if (!inlines.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete policies first.");
  ASSIGN_OR_RETURN(const auto groups, entities::HoldersOfMember(reader, user.id));
  if (!groups.empty()) {
    return aws::Refuse<DeleteConflict>("Cannot delete entity, must remove users from group first.");
  }
  ASSIGN_OR_RETURN(const auto keys, Store::AccessKeysOf(reader, user.account, user.id));
  if (!keys.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete access keys first.");
  ASSIGN_OR_RETURN(const auto password, passwords::Find(reader, user.id));
  if (password) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete login profile first.");
  ASSIGN_OR_RETURN(const auto devices, mfa::DevicesOf(reader, user.id));
  if (!devices.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete MFA device first.");
  return {};
}

}  // namespace

aws::Result<ops::CreateUser> CreateUser(Service& iam, const Call<ops::CreateUser>& call) {
  const CreateUserRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreateUser> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<ops::CreateUser>(input.tags));
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kUser, input.user_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("User with name {} already exists.", input.user_name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kUser));
    RETURN_IF_ERROR(CheckQuota<ops::CreateUser>("UsersPerAccount", count, kUsersMax));
    Entity user{.kind = Kind::kUser,
                .id = MakeEntityId(Kind::kUser, iam.random),
                .account = account,
                .name = input.user_name,
                .path = input.path.value_or("/"),
                .created_at = call.facts().now,
                .updated_at = call.facts().now,
                .boundary = input.permissions_boundary.value_or("")};
    if (!user.boundary.empty()) RETURN_IF_ERROR(CheckManaged<ops::CreateUser>(transaction, account, user.boundary));
    RETURN_IF_ERROR(entities::Insert(transaction, user));
    RETURN_IF_ERROR(PutTags(transaction, user.id, tags));
    User answer = UserAnswer(user);
    answer.tags = TagsAnswer(tags);
    return CreateUserResponse{.user = std::move(answer)};
  });
}

aws::Result<ops::GetUser> GetUser(Service& iam, const Call<ops::GetUser>& call) {
  const policy::Principal& caller = call.caller();
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetUser> {
    if (!call.input().user_name && caller.type == policy::PrincipalType::kRoot) {
      return GetUserResponse{.user = {.path = "/",
                                      .user_name = "root",
                                      .user_id = caller.user_id,
                                      .arn = caller.arn,
                                      .create_date = call.facts().now}};
    }
    if (!call.input().user_name && caller.type != policy::PrincipalType::kUser) {
      return aws::Refuse<errors::ValidationError>("Must specify userName when calling with non-User credentials");
    }
    ASSIGN_OR_RETURN(const Entity user, Need<ops::GetUser>(reader, call.facts().account(), Kind::kUser,
                                                           call.input().user_name.value_or(caller.name)));
    User answer = UserAnswer(user);
    ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, user.id));
    answer.tags = TagsAnswer(tags);
    return GetUserResponse{.user = std::move(answer)};
  });
}

aws::Result<ops::UpdateUser> UpdateUser(Service& iam, const Call<ops::UpdateUser>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateUser> {
    return Rename(transaction, call, call.input().new_user_name, call.input().new_path);
  });
}

aws::Result<ops::DeleteUser> DeleteUser(Service& iam, const Call<ops::DeleteUser>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeleteUser> {
    ASSIGN_OR_RETURN(const Entity user, NeedNamed(transaction, call));
    RETURN_IF_ERROR(CheckDeletable(transaction, user));
    RETURN_IF_ERROR(entities::Remove(transaction, user));
    return ops::DeleteUser::Output{};
  });
}

aws::Result<ops::ListUsers> ListUsers(Service& iam, const Call<ops::ListUsers>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListUsers> {
    ListUsersResponse output;
    ASSIGN_OR_RETURN(const auto users, ListPage(reader, call, Kind::kUser, output));
    std::ranges::transform(users, std::back_inserter(output.users), UserAnswer);
    return output;
  });
}

}  // namespace firmsign::iam
