// SPDX-License-Identifier: Apache-2.0
//
// For tests of the gateway: accounts, places, a key and a moment.

#pragma once

#include "base/strong.h"
#include "base/time.h"

namespace firmsign::gateway {

inline const AccountId kMine("111122223333");
inline const AccountId kTheirs("444455556666");
inline const Region kEast("us-east-1");
inline const Region kWest("eu-west-1");
inline const AccessKeyId kKey("AKIAIOSFODNN7EXAMPLE");
inline constexpr Instant kNow = InstantFromSeconds(1'790'000'000);

}  // namespace firmsign::gateway
