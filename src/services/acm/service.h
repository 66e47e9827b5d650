// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of ACM may touch.

#pragma once

#include <cstdint>

#include "base/random.h"
#include "engine/keys/keyring.h"
#include "services/acm/certificates.h"
#include "services/acm/store.h"

namespace firmsign::acm {

// Everything outlives the service.
struct Service {
  Store& store;
  Certificates& certificates;
  const keys::Keyring& keyring;
  Random& random;
  std::int64_t certificates_max = 2500;  // per account and region, as AWS's quota
};

inline constexpr std::int64_t kTagsMax = 50;

}  // namespace firmsign::acm
