// SPDX-License-Identifier: Apache-2.0
//
// For tests: attaches every certificate, or fails as it is told.

#pragma once

#include <optional>
#include <vector>

#include "ports/token_certificates.h"

namespace firmsign::ports {

class FakeTokenCertificates final : public TokenCertificates {
 public:
  Expected<std::string> Attach(const TokenCertificate& request, const AlsoAttach&) override {
    if (failure) return std::unexpected(*failure);
    requests.push_back(request);
    return std::string("arn:aws:acm:us-east-1:111122223333:certificate/attached");
  }

  std::optional<Error> failure;
  std::vector<TokenCertificate> requests;
};

}  // namespace firmsign::ports
