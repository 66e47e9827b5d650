// SPDX-License-Identifier: Apache-2.0
//
// Managed policies on users, groups and roles, and the boundaries of users and roles.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kAttachedMax = 10;

template <class Op>
aws::Result<Op> AttachTo(Service& iam, const Call<Op>& call) {
  constexpr Kind kKind = KindOf<Op>();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const FoundPolicy policy, NeedPolicy<Op>(transaction, entity.account, call.input().policy_arn));
    ASSIGN_OR_RETURN(const auto attached, entities::AttachedTo(transaction, entity.id));
    if (std::ranges::find(attached, policy.arn()) == attached.end()) {
      constexpr std::string_view kQuota = kKind == Kind::kUser    ? "PoliciesPerUser"
                                          : kKind == Kind::kGroup ? "PoliciesPerGroup"
                                                                  : "PoliciesPerRole";
      RETURN_IF_ERROR(CheckQuota<Op>(kQuota, std::ssize(attached), kAttachedMax));
    }
    RETURN_IF_ERROR(entities::Attach(transaction, entity.id, policy.arn()));
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> DetachFrom(Service& iam, const Call<Op>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const bool was_attached, entities::Detach(transaction, entity.id, call.input().policy_arn));
    if (!was_attached) {
      return aws::Refuse<errors::NoSuchEntityException>(
          fmt::format("Policy {} was not found.", call.input().policy_arn));
    }
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> ListAttachedTo(Service& iam, const Call<Op>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(auto arns, entities::AttachedTo(reader, entity.id));
    const std::string prefix = call.input().path_prefix.value_or("/");
    std::erase_if(arns, [&](const std::string& arn) { return arn.compare(arn.find('/'), prefix.size(), prefix) != 0; });
    typename Op::Output output;
    RETURN_IF_ERROR(CutPage<Op>(call.input(), output, arns, [](const std::string& arn) { return arn; }));
    output.attached_policies.emplace();
    for (const std::string& arn : arns) {
      output.attached_policies->push_back({.policy_name = arn.substr(arn.rfind('/') + 1), .policy_arn = arn});
    }
    return output;
  });
}

// `arn` nullopt: none any more.
template <class Op>
aws::Result<Op> SetBoundary(Service& iam, const Call<Op>& call, const std::optional<std::string>& arn) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(Entity entity, NeedNamed(transaction, call));
    if (arn) {
      RETURN_IF_ERROR(CheckManaged<Op>(transaction, entity.account, *arn));
    } else if (entity.boundary.empty()) {
      return aws::Refuse<errors::NoSuchEntityException>(fmt::format("{} has no permissions boundary.", entity.arn()));
    }
    entity.boundary = arn.value_or("");
    entity.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, entity));
    return typename Op::Output{};
  });
}

}  // namespace

aws::Result<ops::AttachUserPolicy> AttachUserPolicy(Service& iam, const Call<ops::AttachUserPolicy>& call) {
  return AttachTo(iam, call);
}

aws::Result<ops::DetachUserPolicy> DetachUserPolicy(Service& iam, const Call<ops::DetachUserPolicy>& call) {
  return DetachFrom(iam, call);
}

aws::Result<ops::ListAttachedUserPolicies> ListAttachedUserPolicies(Service& iam,
                                                                    const Call<ops::ListAttachedUserPolicies>& call) {
  return ListAttachedTo(iam, call);
}

aws::Result<ops::AttachGroupPolicy> AttachGroupPolicy(Service& iam, const Call<ops::AttachGroupPolicy>& call) {
  return AttachTo(iam, call);
}

aws::Result<ops::DetachGroupPolicy> DetachGroupPolicy(Service& iam, const Call<ops::DetachGroupPolicy>& call) {
  return DetachFrom(iam, call);
}

aws::Result<ops::ListAttachedGroupPolicies> ListAttachedGroupPolicies(
    Service& iam, const Call<ops::ListAttachedGroupPolicies>& call) {
  return ListAttachedTo(iam, call);
}

aws::Result<ops::AttachRolePolicy> AttachRolePolicy(Service& iam, const Call<ops::AttachRolePolicy>& call) {
  return AttachTo(iam, call);
}

aws::Result<ops::DetachRolePolicy> DetachRolePolicy(Service& iam, const Call<ops::DetachRolePolicy>& call) {
  return DetachFrom(iam, call);
}

aws::Result<ops::ListAttachedRolePolicies> ListAttachedRolePolicies(Service& iam,
                                                                    const Call<ops::ListAttachedRolePolicies>& call) {
  return ListAttachedTo(iam, call);
}

aws::Result<ops::PutUserPermissionsBoundary> PutUserPermissionsBoundary(
    Service& iam, const Call<ops::PutUserPermissionsBoundary>& call) {
  return SetBoundary(iam, call, call.input().permissions_boundary);
}

aws::Result<ops::DeleteUserPermissionsBoundary> DeleteUserPermissionsBoundary(
    Service& iam, const Call<ops::DeleteUserPermissionsBoundary>& call) {
  return SetBoundary(iam, call, std::nullopt);
}

aws::Result<ops::PutRolePermissionsBoundary> PutRolePermissionsBoundary(
    Service& iam, const Call<ops::PutRolePermissionsBoundary>& call) {
  return SetBoundary(iam, call, call.input().permissions_boundary);
}

aws::Result<ops::DeleteRolePermissionsBoundary> DeleteRolePermissionsBoundary(
    Service& iam, const Call<ops::DeleteRolePermissionsBoundary>& call) {
  return SetBoundary(iam, call, std::nullopt);
}

}  // namespace firmsign::iam
