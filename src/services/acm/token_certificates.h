// SPDX-License-Identifier: Apache-2.0
//
// The port by which the operator attaches certificates whose keys lie in tokens.

#pragma once

#include "engine/keys/token_key.h"
#include "ports/token_certificates.h"
#include "services/acm/service.h"

namespace firmsign::acm {

// Thread safety: safe.
class TokenCertificates final : public ports::TokenCertificates {
 public:
  // Both outlive this.
  TokenCertificates(const Service& acm, const keys::Tokens& tokens) : acm_(acm), tokens_(tokens) {}

  Expected<std::string> Attach(const ports::TokenCertificate& request, const ports::AlsoAttach& also) override;

 private:
  StoredCertificate NewRow(const ports::TokenCertificate& request) const;
  // kInvalid: it is not there, or `next` cannot come in its place.
  Expected<StoredCertificate> FindReplaceable(const ports::TokenCertificate& request,
                                              const crypto::Certificate& next) const;

  const Service& acm_;
  const keys::Tokens& tokens_;
};

}  // namespace firmsign::acm
