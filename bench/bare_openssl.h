// SPDX-License-Identifier: Apache-2.0
//
// Signing and verifying as one would write it directly against OpenSSL: what our software keys are measured against.

#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::bench {

// A key of its own, parsed once, and two contexts, initialised once for SHA-256 and used again for each signature: no
// lock, reference count or copy is left between two threads. Thread safety: confined.
class BareOpenSsl {
 public:
  // kInvalid: no RSA or EC private key in PEM.
  static Expected<std::unique_ptr<BareOpenSsl>> FromPem(const std::string& pem);

  bool is_rsa() const { return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA; }
  // The signature lies here until the next call. kInternal: OpenSSL fails.
  Expected<std::string_view> Sign(std::string_view digest);
  // kInternal: it does not verify.
  Expected<void> Verify(std::string_view digest, std::string_view signature);

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  };

  BareOpenSsl() = default;

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<EVP_PKEY_CTX, Free> sign_;
  std::unique_ptr<EVP_PKEY_CTX, Free> verify_;
  std::string signature_;
};

}  // namespace firmsign::bench
