// SPDX-License-Identifier: Apache-2.0
//
// SigningKey: a private key that signs and cannot be read.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/crypto/key.h"

namespace firmsign::keys {

// Thread safety: safe.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual crypto::KeyKind kind() const = 0;
  // DER SEQUENCE{r,s} or RSASSA-PKCS1-v1_5. kUnavailable: a token is away. kInvalid: the key cannot do this.
  virtual Expected<std::string> SignDigest(crypto::Hash hash, std::string_view digest) const = 0;
};

// A key held in this process.
std::shared_ptr<const SigningKey> MakeSoftwareKey(crypto::PrivateKey key);

}  // namespace firmsign::keys
