// SPDX-License-Identifier: Apache-2.0
//
// Roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"
#include "services/iam/principals.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kRolesMax = 1000;
constexpr std::size_t kTrustCharactersMax = 2048;
constexpr std::int64_t kSessionSeconds = 3600;

// The trust policy as it is kept. MalformedPolicyDocumentException, LimitExceededException.
template <class Op>
Found<Op, std::string> TrustOf(db::Reader& reader, const std::string& document) {
  RETURN_IF_ERROR(CheckDocument<Op>(document, policy::DocumentKind::kTrust));
  RETURN_IF_ERROR(CheckSize<Op>("ACLSizePerRole", policy::CountedCharacters(document), kTrustCharactersMax));
  auto kept = WithIds(reader, document);
  if (kept) return *std::move(kept);
  if (kept.error().code != Code::kInvalid) return std::unexpected(std::move(kept).error());
  return aws::Refuse<errors::MalformedPolicyDocumentException>(std::move(kept).error().message);
}

}  // namespace

aws::Result<ops::CreateRole> CreateRole(Service& iam, const Call<ops::CreateRole>& call) {
  const CreateRoleRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreateRole> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const std::string trust, TrustOf<ops::CreateRole>(transaction, input.assume_role_policy_document));
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<ops::CreateRole>(input.tags));
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kRole, input.role_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("Role with name {} already exists.", input.role_name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kRole));
    RETURN_IF_ERROR(CheckQuota<ops::CreateRole>("RolesPerAccount", count, kRolesMax));
    Entity role{.kind = Kind::kRole,
                .id = MakeEntityId(Kind::kRole, iam.random),
                .account = account,
                .name = input.role_name,
                .path = input.path.value_or("/"),
                .created_at = call.facts().now,
                .updated_at = call.facts().now,
                .boundary = input.permissions_boundary.value_or(""),
                .description = input.description.value_or(""),
                .document = trust,
                .number = input.max_session_duration.value_or(kSessionSeconds)};
    if (!role.boundary.empty()) {
      // CreateRole's model has no NoSuchEntity.
      ASSIGN_OR_RETURN(const auto found, FindPolicy(transaction, account, role.boundary));
      if (!found) {
        return aws::Refuse<errors::InvalidInputException>(
            fmt::format("Scope ARN: {} does not exist or is not attachable.", role.boundary));
      }
    }
    RETURN_IF_ERROR(entities::Insert(transaction, role));
    RETURN_IF_ERROR(PutTags(transaction, role.id, tags));
    ASSIGN_OR_RETURN(Role answer, RoleAnswer(transaction, role));
    answer.tags = TagsAnswer(tags);
    return CreateRoleResponse{.role = std::move(answer)};
  });
}

aws::Result<ops::GetRole> GetRole(Service& iam, const Call<ops::GetRole>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetRole> {
    ASSIGN_OR_RETURN(const Entity role, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(Role answer, RoleAnswer(reader, role));
    ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, role.id));
    answer.tags = TagsAnswer(tags);
    answer.role_last_used = RoleLastUsed{};
    return GetRoleResponse{.role = std::move(answer)};
  });
}

aws::Result<ops::UpdateRole> UpdateRole(Service& iam, const Call<ops::UpdateRole>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateRole> {
    ASSIGN_OR_RETURN(Entity role, NeedNamed(transaction, call));
    if (call.input().description) role.description = *call.input().description;
    if (call.input().max_session_duration) role.number = *call.input().max_session_duration;
    role.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, role));
    return UpdateRoleResponse{};
  });
}

aws::Result<ops::UpdateRoleDescription> UpdateRoleDescription(Service& iam,
                                                              const Call<ops::UpdateRoleDescription>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateRoleDescription> {
    ASSIGN_OR_RETURN(Entity role, NeedNamed(transaction, call));
    role.description = call.input().description;
    role.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, role));
    ASSIGN_OR_RETURN(Role answer, RoleAnswer(transaction, role));
    return UpdateRoleDescriptionResponse{.role = std::move(answer)};
  });
}

aws::Result<ops::DeleteRole> DeleteRole(Service& iam, const Call<ops::DeleteRole>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeleteRole> {
    ASSIGN_OR_RETURN(const Entity role, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const auto attached, entities::AttachedTo(transaction, role.id));
    ASSIGN_OR_RETURN(const auto inlines, entities::InlinePoliciesOf(transaction, role.id));
    ASSIGN_OR_RETURN(const auto holders, entities::HoldersOfMember(transaction, role.id));
    using DeleteConflict = errors::DeleteConflictException;
    if (!attached.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must detach all policies first.");
    if (!inlines.empty()) return aws::Refuse<DeleteConflict>("Cannot delete entity, must delete policies first.");
    if (!holders.empty()) {
      return aws::Refuse<DeleteConflict>("Cannot delete entity, must remove roles from instance profile first.");
    }
    RETURN_IF_ERROR(entities::Remove(transaction, role));
    return ops::DeleteRole::Output{};
  });
}

aws::Result<ops::ListRoles> ListRoles(Service& iam, const Call<ops::ListRoles>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListRoles> {
    ListRolesResponse output;
    ASSIGN_OR_RETURN(const auto roles, ListPage(reader, call, Kind::kRole, output));
    ASSIGN_OR_RETURN(output.roles, RoleAnswers(reader, roles));
    return output;
  });
}

aws::Result<ops::UpdateAssumeRolePolicy> UpdateAssumeRolePolicy(Service& iam,
                                                                const Call<ops::UpdateAssumeRolePolicy>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateAssumeRolePolicy> {
    ASSIGN_OR_RETURN(Entity role, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(role.document, TrustOf<ops::UpdateAssumeRolePolicy>(transaction, call.input().policy_document));
    role.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, role));
    return ops::UpdateAssumeRolePolicy::Output{};
  });
}

aws::Result<ops::CreateServiceLinkedRole> CreateServiceLinkedRole(Service&, const Call<ops::CreateServiceLinkedRole>&) {
  return aws::Refuse<errors::InvalidInputException>(
      "No service of this deployment has a service-linked role. Make a role with CreateRole whose trust policy names "
      "the service.");
}

}  // namespace firmsign::iam
