// SPDX-License-Identifier: Apache-2.0
//
// Instance profiles:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
//
// No machine takes its role from one here; tools that describe an account make and list them.

#include "services/iam/handlers.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kInstanceProfilesMax = 1000;

Expected<InstanceProfile> ProfileAnswer(db::Reader& reader, const Entity& profile) {
  InstanceProfile answer{.path = profile.path,
                         .instance_profile_name = profile.name,
                         .instance_profile_id = profile.id,
                         .arn = profile.arn(),
                         .create_date = profile.created_at};
  ASSIGN_OR_RETURN(const auto roles, entities::MembersOf(reader, profile.id));
  ASSIGN_OR_RETURN(answer.roles, RoleAnswers(reader, roles));
  ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, profile.id));
  answer.tags = TagsAnswer(tags);
  return answer;
}

}  // namespace

aws::Result<ops::CreateInstanceProfile> CreateInstanceProfile(Service& iam,
                                                              const Call<ops::CreateInstanceProfile>& call) {
  using Op = ops::CreateInstanceProfile;
  const CreateInstanceProfileRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<Op>(input.tags));
    ASSIGN_OR_RETURN(const auto taken,
                     entities::Find(transaction, account, Kind::kInstanceProfile, input.instance_profile_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("Instance Profile {} already exists.", input.instance_profile_name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kInstanceProfile));
    RETURN_IF_ERROR(CheckQuota<Op>("InstanceProfilesPerAccount", count, kInstanceProfilesMax));
    const Entity profile{.kind = Kind::kInstanceProfile,
                         .id = MakeEntityId(Kind::kInstanceProfile, iam.random),
                         .account = account,
                         .name = input.instance_profile_name,
                         .path = input.path.value_or("/"),
                         .created_at = call.facts().now,
                         .updated_at = call.facts().now};
    RETURN_IF_ERROR(entities::Insert(transaction, profile));
    RETURN_IF_ERROR(PutTags(transaction, profile.id, tags));
    ASSIGN_OR_RETURN(InstanceProfile answer, ProfileAnswer(transaction, profile));
    return CreateInstanceProfileResponse{.instance_profile = std::move(answer)};
  });
}

aws::Result<ops::GetInstanceProfile> GetInstanceProfile(Service& iam, const Call<ops::GetInstanceProfile>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetInstanceProfile> {
    ASSIGN_OR_RETURN(const Entity profile, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(InstanceProfile answer, ProfileAnswer(reader, profile));
    return GetInstanceProfileResponse{.instance_profile = std::move(answer)};
  });
}

aws::Result<ops::DeleteInstanceProfile> DeleteInstanceProfile(Service& iam,
                                                              const Call<ops::DeleteInstanceProfile>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeleteInstanceProfile> {
    ASSIGN_OR_RETURN(const Entity profile, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const auto roles, entities::MembersOf(transaction, profile.id));
    if (!roles.empty()) {
      return aws::Refuse<errors::DeleteConflictException>(
          "Cannot delete entity, must remove roles from instance profile first.");
    }
    RETURN_IF_ERROR(entities::Remove(transaction, profile));
    return ops::DeleteInstanceProfile::Output{};
  });
}

aws::Result<ops::ListInstanceProfiles> ListInstanceProfiles(Service& iam, const Call<ops::ListInstanceProfiles>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListInstanceProfiles> {
    ListInstanceProfilesResponse output;
    ASSIGN_OR_RETURN(const auto profiles, ListPage(reader, call, Kind::kInstanceProfile, output));
    for (const Entity& profile : profiles) {
      ASSIGN_OR_RETURN(InstanceProfile answer, ProfileAnswer(reader, profile));
      output.instance_profiles.push_back(std::move(answer));
    }
    return output;
  });
}

aws::Result<ops::ListInstanceProfilesForRole> ListInstanceProfilesForRole(
    Service& iam, const Call<ops::ListInstanceProfilesForRole>& call) {
  using Op = ops::ListInstanceProfilesForRole;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity role, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(auto profiles, entities::HoldersOfMember(reader, role.id));
    ListInstanceProfilesForRoleResponse output;
    RETURN_IF_ERROR(
        CutPage<Op>(call.input(), output, profiles, [](const Entity& profile) { return ToLower(profile.name); }));
    for (const Entity& profile : profiles) {
      ASSIGN_OR_RETURN(InstanceProfile answer, ProfileAnswer(reader, profile));
      output.instance_profiles.push_back(std::move(answer));
    }
    return output;
  });
}

aws::Result<ops::AddRoleToInstanceProfile> AddRoleToInstanceProfile(Service& iam,
                                                                    const Call<ops::AddRoleToInstanceProfile>& call) {
  using Op = ops::AddRoleToInstanceProfile;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity profile, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const Entity role,
                     Need<Op>(transaction, call.facts().account(), Kind::kRole, call.input().role_name));
    ASSIGN_OR_RETURN(const auto roles, entities::MembersOf(transaction, profile.id));
    RETURN_IF_ERROR(CheckQuota<Op>("InstanceSessionsPerInstanceProfile", std::ssize(roles), 1));
    // Whoever can start a machine with the profile acts as the role.
    gateway::Resource passed{.owner = role.account, .arn = role.arn()};
    passed.context.Set("iam:PassedToService", "ec2.amazonaws.com");
    RETURN_IF_ERROR(call.Require("iam:PassRole", passed));
    RETURN_IF_ERROR(entities::AddMember(transaction, profile.id, role.id));
    return Op::Output{};
  });
}

aws::Result<ops::RemoveRoleFromInstanceProfile> RemoveRoleFromInstanceProfile(
    Service& iam, const Call<ops::RemoveRoleFromInstanceProfile>& call) {
  using Op = ops::RemoveRoleFromInstanceProfile;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity profile, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const Entity role,
                     Need<Op>(transaction, call.facts().account(), Kind::kRole, call.input().role_name));
    ASSIGN_OR_RETURN(const bool was_there, entities::RemoveMember(transaction, profile.id, role.id));
    if (!was_there) {
      return aws::Refuse<errors::NoSuchEntityException>(
          fmt::format("Role {} is not in instance profile {}.", role.name, profile.name));
    }
    return Op::Output{};
  });
}

}  // namespace firmsign::iam
