// SPDX-License-Identifier: Apache-2.0
//
// What is inside PublicKey and PrivateKey, for the other files of this folder. Nobody else includes this.

#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "platform/crypto/key.h"

namespace firmsign::crypto {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;

struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext>;

// A context for each hash, initialised and never used: duplicating one costs 0.2 us, making one 2.2 us, and a P-256
// signature 18 us. Duplicating reads the original only, so threads share it. Empty for a hash that is not offered
// (MD5), or a key that neither signs nor verifies here.
using KeyContexts = std::array<KeyContext, 5>;

struct PublicKey::State {
  KeyHandle key;
  KeyKind kind;
  std::string spki;
  KeyContexts verify;
};

struct PrivateKey::State {
  KeyHandle key;
  KeyKind kind;
  KeyContexts sign;
};

// kInvalid: OpenSSL cannot encode the key, or nothing should be verified with it (PublicKey::FromPem).
Expected<PublicKey> MakePublicKey(KeyHandle key);

}  // namespace firmsign::crypto
