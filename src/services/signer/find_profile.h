// SPDX-License-Identifier: Apache-2.0
//
// Finding the profile that a call names, its own account's or another's.

#pragma once

#include <optional>
#include <string>

#include "gateway/call.h"
#include "services/signer/operations.h"
#include "services/signer/permissions.h"
#include "services/signer/service.h"

namespace firmsign::signer {

// What conditions may ask about a profile.
inline void AddConditions(const Profile& profile, policy::Context& context) {
  context.Set("signer:ProfileVersion", profile.version.str());
  for (const auto& [key, value] : profile.tags) context.Set("aws:ResourceTag/" + key, value);
}

// The profile as std::optional<Profile>, for authorisation on its ARN in the account of its owner whether it exists or
// not: the handler tells that it is absent, to those who may know.
inline Expected<gateway::Resolution> ResolveProfile(Service& signer, const gateway::CallFacts& facts,
                                                    const std::string& name, const std::optional<std::string>& owner) {
  const AccountId account = owner ? AccountId(*owner) : facts.account();
  ASSIGN_OR_RETURN(std::optional<Profile> profile, signer.store.FindProfile(account, facts.region, ProfileName(name)));
  gateway::Resource resource{.owner = account, .arn = ProfileArn(account, facts.region, ProfileName(name))};
  ASSIGN_OR_RETURN(
      resource.policy,
      ResourcePolicyOf(signer, facts.caller, {.account = account, .region = facts.region, .name = ProfileName(name)},
                       resource.arn));
  if (profile) AddConditions(*profile, resource.context);
  return gateway::Resolution{std::move(resource), std::move(profile)};
}

// For operations on the account's own profile of the name in the input.
template <class Op>
Resolved<Op> ResolveOwnProfile(Service& signer, const gateway::CallFacts& facts, const typename Op::Input& input) {
  return ResolveProfile(signer, facts, input.profile_name, std::nullopt);
}

}  // namespace firmsign::signer
