// SPDX-License-Identifier: Apache-2.0
//
// Finding the profile that a call names, its own account's or another's.

#pragma once

#include <optional>
#include <string>

#include "gateway/call.h"
#include "services/signer/service.h"

namespace firmsign::signer {

// The profile as std::optional<Profile>, for authorisation on its ARN in the account of its owner whether it exists or
// not: the handler tells that it is absent, to those who may know.
inline Expected<gateway::Resolution> ResolveProfile(Service& signer, const gateway::CallFacts& facts,
                                                    const std::string& name, const std::optional<std::string>& owner) {
  const AccountId account = owner ? AccountId(*owner) : facts.account();
  ASSIGN_OR_RETURN(std::optional<Profile> profile, signer.store.FindProfile(account, facts.region, ProfileName(name)));
  return gateway::Resolution{
      .owner = account, .arn = ProfileArn(account, facts.region, ProfileName(name)), .value = std::move(profile)};
}

}  // namespace firmsign::signer
