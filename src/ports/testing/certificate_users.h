// SPDX-License-Identifier: Apache-2.0
//
// For tests: whoever the test says.

#pragma once

#include "ports/certificate_users.h"

namespace firmsign::ports {

// Thread safety: confined.
class FakeCertificateUsers final : public CertificateUsers {
 public:
  std::map<std::string, std::vector<std::string>> users;  // in every account and region

  Expected<std::map<std::string, std::vector<std::string>>> ByCertificate(const AccountId& /*account*/,
                                                                          const Region& /*region*/) const override {
    return users;
  }
};

}  // namespace firmsign::ports
