// SPDX-License-Identifier: Apache-2.0
//
// Who relies on certificates. Offered by services/signer.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong.h"

namespace firmsign::ports {

// Thread safety: safe.
class CertificateUsers {
 public:
  virtual ~CertificateUsers() = default;
  // The ARNs of the active signing profiles of an account and region, by the certificates that they name.
  virtual Expected<std::map<std::string, std::vector<std::string>>> ByCertificate(const AccountId& account,
                                                                                  const Region& region) const = 0;
};

}  // namespace firmsign::ports
