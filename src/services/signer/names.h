// SPDX-License-Identifier: Apache-2.0
//
// The identities of Signer (contract 02-signer-semantics §2.1).

#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace firmsign::signer {

using ProfileName = Strong<struct ProfileNameTag>;        // 2 to 64 of [A-Za-z0-9_]
using ProfileVersion = Strong<struct ProfileVersionTag>;  // 10 of [A-Za-z0-9]
using JobId = Strong<struct JobIdTag>;                    // a lower-case UUID

inline constexpr std::size_t kProfileVersionChars = 10;
inline constexpr std::size_t kJobIdChars = 36;
inline constexpr std::size_t kShownCharsMax = 256;  // of a client's text that a message repeats

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

// What ARNs name. The parsers return nullopt for every other text.
struct ProfileId {
  AccountId account;
  Region region;
  ProfileName name;
};
std::optional<ProfileId> ParseProfileArn(std::string_view text);

struct ProfileVersionId {
  ProfileId profile;
  ProfileVersion version;
};
std::optional<ProfileVersionId> ParseProfileVersionArn(std::string_view text);

struct JobName {
  AccountId owner;
  Region region;
  JobId id;
};
std::optional<JobName> ParseJobArn(std::string_view text);

}  // namespace firmsign::signer
