// SPDX-License-Identifier: Apache-2.0
//
// Policies that are embedded in one user, group or role.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html

#include "services/iam/handlers.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

// Of all of an entity's together.
template <class Op>
consteval std::size_t CharactersMax() {
  return KindOf<Op>() == Kind::kUser ? 2048 : KindOf<Op>() == Kind::kGroup ? 5120 : 10240;
}

template <class Op>
std::unexpected<aws::Refusal<errors::NoSuchEntityException>> NoSuchInlinePolicy(std::string_view entity,
                                                                                std::string_view policy) {
  constexpr Kind kKind = KindOf<Op>();
  return aws::Refuse<errors::NoSuchEntityException>(
      fmt::format("The {} policy with name {} cannot be found in {}.", NameOf(kKind), policy, entity));
}

template <class Op>
aws::Result<Op> PutInto(Service& iam, const Call<Op>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const auto& input = call.input();
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(transaction, call));
    RETURN_IF_ERROR(CheckDocument<Op>(input.policy_document, policy::DocumentKind::kIdentity));
    ASSIGN_OR_RETURN(const auto present, entities::InlinePoliciesOf(transaction, entity.id));
    std::size_t characters = policy::CountedCharacters(input.policy_document);
    for (const entities::InlinePolicy& other : present) {
      if (other.name != input.policy_name) characters += policy::CountedCharacters(other.document);
    }
    if (characters > CharactersMax<Op>()) {
      return aws::Refuse<errors::LimitExceededException>(fmt::format(
          "Maximum policy size of {} bytes exceeded for {} {}", CharactersMax<Op>(), NameOf(entity.kind), entity.name));
    }
    RETURN_IF_ERROR(entities::PutInlinePolicy(transaction, entity.id,
                                              {.name = input.policy_name, .document = input.policy_document}));
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> GetFrom(Service& iam, const Call<Op>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(const auto policies, entities::InlinePoliciesOf(reader, entity.id));
    const auto found = std::ranges::find(policies, call.input().policy_name, &entities::InlinePolicy::name);
    if (found == policies.end()) return NoSuchInlinePolicy<Op>(entity.name, call.input().policy_name);
    return typename Op::Output{entity.name, found->name, EncodePercent(found->document)};
  });
}

template <class Op>
aws::Result<Op> DeleteFrom(Service& iam, const Call<Op>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(const bool was_there,
                     entities::RemoveInlinePolicy(transaction, entity.id, call.input().policy_name));
    if (!was_there) return NoSuchInlinePolicy<Op>(entity.name, call.input().policy_name);
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> ListIn(Service& iam, const Call<Op>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedNamed(reader, call));
    ASSIGN_OR_RETURN(auto policies, entities::InlinePoliciesOf(reader, entity.id));
    typename Op::Output output;
    RETURN_IF_ERROR(
        CutPage<Op>(call.input(), output, policies, [](const entities::InlinePolicy& policy) { return policy.name; }));
    for (const entities::InlinePolicy& policy : policies) output.policy_names.push_back(policy.name);
    return output;
  });
}

}  // namespace

aws::Result<ops::PutUserPolicy> PutUserPolicy(Service& iam, const Call<ops::PutUserPolicy>& call) {
  return PutInto(iam, call);
}

aws::Result<ops::GetUserPolicy> GetUserPolicy(Service& iam, const Call<ops::GetUserPolicy>& call) {
  return GetFrom(iam, call);
}

aws::Result<ops::DeleteUserPolicy> DeleteUserPolicy(Service& iam, const Call<ops::DeleteUserPolicy>& call) {
  return DeleteFrom(iam, call);
}

aws::Result<ops::ListUserPolicies> ListUserPolicies(Service& iam, const Call<ops::ListUserPolicies>& call) {
  return ListIn(iam, call);
}

aws::Result<ops::PutGroupPolicy> PutGroupPolicy(Service& iam, const Call<ops::PutGroupPolicy>& call) {
  return PutInto(iam, call);
}

aws::Result<ops::GetGroupPolicy> GetGroupPolicy(Service& iam, const Call<ops::GetGroupPolicy>& call) {
  return GetFrom(iam, call);
}

aws::Result<ops::DeleteGroupPolicy> DeleteGroupPolicy(Service& iam, const Call<ops::DeleteGroupPolicy>& call) {
  return DeleteFrom(iam, call);
}

aws::Result<ops::ListGroupPolicies> ListGroupPolicies(Service& iam, const Call<ops::ListGroupPolicies>& call) {
  return ListIn(iam, call);
}

aws::Result<ops::PutRolePolicy> PutRolePolicy(Service& iam, const Call<ops::PutRolePolicy>& call) {
  return PutInto(iam, call);
}

aws::Result<ops::GetRolePolicy> GetRolePolicy(Service& iam, const Call<ops::GetRolePolicy>& call) {
  return GetFrom(iam, call);
}

aws::Result<ops::DeleteRolePolicy> DeleteRolePolicy(Service& iam, const Call<ops::DeleteRolePolicy>& call) {
  return DeleteFrom(iam, call);
}

aws::Result<ops::ListRolePolicies> ListRolePolicies(Service& iam, const Call<ops::ListRolePolicies>& call) {
  return ListIn(iam, call);
}

}  // namespace firmsign::iam
