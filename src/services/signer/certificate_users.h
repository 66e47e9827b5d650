// SPDX-License-Identifier: Apache-2.0
//
// The port by which ACM says which profiles use a certificate.

#pragma once

#include "ports/certificate_users.h"
#include "services/signer/store.h"

namespace firmsign::signer {

// Thread safety: safe.
class CertificateUsers final : public ports::CertificateUsers {
 public:
  // `store` outlives this.
  explicit CertificateUsers(Store& store) : store_(store) {}

  Expected<std::map<std::string, std::vector<std::string>>> ByCertificate(const AccountId& account,
                                                                          const Region& region) const override {
    ASSIGN_OR_RETURN(const auto names, store_.ProfilesByCertificate(account, region));
    std::map<std::string, std::vector<std::string>> arns;
    for (const auto& [certificate, profiles] : names) {
      for (const ProfileName& name : profiles) arns[certificate].push_back(ProfileArn(account, region, name));
    }
    return arns;
  }

 private:
  Store& store_;
};

}  // namespace firmsign::signer
