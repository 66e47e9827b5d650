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
  // DER SEQUENCE{r,s} or RSASSA-PKCS1-v1_5. kUnavailable: a token is away. kInvalid: the key cannot
  // do this. kCorrupt: a token returned no signature. A signature may be wrong: see SignVerified.
  virtual Expected<std::string> SignDigest(crypto::Hash hash, std::string_view digest) const = 0;
};

// A signature that verifies with `public_key`; one that does not, or is none, is made anew, kSigningAttempts in all.
// kInternal: none of them verified. Else codes as SignDigest.
inline constexpr int kSigningAttempts = 5;
Expected<std::string> SignVerified(const SigningKey& key, const crypto::PublicKey& public_key, crypto::Hash hash,
                                   std::string_view digest);

// A key held in this process.
std::shared_ptr<const SigningKey> MakeSoftwareKey(crypto::PrivateKey key);

}  // namespace firmsign::keys
