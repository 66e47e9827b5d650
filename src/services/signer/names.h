// SPDX-License-Identifier: Apache-2.0
//
// The identities of Signer (contract 02-signer-semantics §2.1).

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/strong.h"

namespace firmsign::signer {

using ProfileName = Strong<struct ProfileNameTag>;        // 2 to 64 of [A-Za-z0-9_]
using ProfileVersion = Strong<struct ProfileVersionTag>;  // 10 of [A-Za-z0-9]
using JobId = Strong<struct JobIdTag>;                    // a lower-case UUID

inline constexpr std::size_t kProfileVersionChars = 10;

// arn:aws:signer:us-east-1:111122223333:/signing-profiles/name (the slash after the account is real)
inline std::string ProfileArn(const AccountId& account, const Region& region, const ProfileName& name) {
  return fmt::format("arn:aws:signer:{}:{}:/signing-profiles/{}", region.str(), account.str(), name.str());
}

inline std::string ProfileVersionArn(const AccountId& account, const Region& region, const ProfileName& name,
                                     const ProfileVersion& version) {
  return fmt::format("{}/{}", ProfileArn(account, region, name), version.str());
}

inline std::string JobArn(const AccountId& account, const Region& region, const JobId& id) {
  return fmt::format("arn:aws:signer:{}:{}:/signing-jobs/{}", region.str(), account.str(), id.str());
}

}  // namespace firmsign::signer
