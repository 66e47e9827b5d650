// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of ACM may touch.

#pragma once

#include <cstdint>

#include "base/random.h"
#include "engine/keys/keyring.h"
#include "ports/certificate_users.h"
#include "services/acm/certificates.h"
#include "services/acm/store.h"

namespace firmsign::acm {

// Everything outlives the service.
struct Service {
  Store& store;
  Certificates& certificates;
  const keys::Keyring& keyring;
  Random& random;
  const ports::CertificateUsers& users;
  std::int64_t certificates_max = 2500;  // per account and region, as AWS's quota
  bool allow_published_keys = false;     // whose private halves are public
  std::int64_t certificate_days = 395;   // of those that were requested, as AWS's private ones: 13 months
};

inline constexpr std::int64_t kDaysBeforeExpiry = 45;  // AWS's default

}  // namespace firmsign::acm
