// SPDX-License-Identifier: Apache-2.0
//
// Managed policies as handlers meet them: the account's own, and AWS's.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/iam/handlers.h"
#include "services/iam/managed_policies.h"

namespace firmsign::iam {

// One of the two is there.
struct FoundPolicy {
  std::optional<Entity> own;
  const ManagedPolicy* aws = nullptr;

  std::string arn() const { return own ? own->arn() : aws->arn(); }
  std::string name() const { return own ? own->name : std::string(aws->name); }
};

// nullopt: neither.
Expected<std::optional<FoundPolicy>> FindPolicy(db::Reader& reader, const AccountId& account, std::string_view arn);
// As in answers. `is_attached_to`: counted.
Expected<Policy> PolicyAnswer(db::Reader& reader, const AccountId& account, const FoundPolicy& policy);
inline std::string VersionName(std::int64_t number) { return fmt::format("v{}", number); }
// 0: not a version's name.
std::int64_t ParseVersionName(std::string_view name);

// NoSuchEntityException.
template <class Op>
Found<Op, FoundPolicy> NeedPolicy(db::Reader& reader, const AccountId& account, std::string_view arn) {
  ASSIGN_OR_RETURN(auto found, FindPolicy(reader, account, arn));
  if (!found) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
  return *std::move(found);
}

// One that can be changed.
template <class Op>
Found<Op, Entity> NeedOwnPolicy(db::Reader& reader, const Call<Op>& call) {
  ASSIGN_OR_RETURN(FoundPolicy found, NeedPolicy<Op>(reader, call.facts().account(), call.input().policy_arn));
  if (!found.own) {
    return aws::Refuse<errors::AccessDenied>(fmt::format("{} is AWS's own and cannot be changed.", found.arn()));
  }
  return *std::move(found.own);
}

// A boundary that is to be set. NoSuchEntityException.
template <class Op>
Found<Op, void> CheckManaged(db::Reader& reader, const AccountId& account, std::string_view arn) {
  RETURN_IF_ERROR(NeedPolicy<Op>(reader, account, arn));
  return {};
}

}  // namespace firmsign::iam
