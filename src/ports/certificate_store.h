// SPDX-License-Identifier: Apache-2.0
//
// Certificates and the keys behind them, as Signer uses them. Offered by services/acm.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/strong.h"
#include "engine/keys/signing_key.h"
#include "platform/crypto/key.h"

namespace firmsign::ports {

// A certificate with its key. Parsed once and shared. Thread safety: immutable.
struct SigningMaterial {
  std::string certificate_arn;
  crypto::Certificate certificate;
  std::shared_ptr<const keys::SigningKey> key;
};

// Thread safety: safe.
class CertificateStore {
 public:
  virtual ~CertificateStore() = default;
  // From here on, Find sees what other nodes have changed before this call. To be called before a batch of Finds.
  virtual Expected<void> CatchUp() = 0;
  // Only certificates of `account` in `region` are found. kNotFound: none with this ARN there. kDenied: it was revoked;
  // the message says when. kCorrupt: the stored key does not open.
  virtual Expected<std::shared_ptr<const SigningMaterial>> Find(const AccountId& account, const Region& region,
                                                                std::string_view arn) = 0;
};

}  // namespace firmsign::ports
