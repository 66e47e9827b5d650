// SPDX-License-Identifier: Apache-2.0
//
// Authenticated encryption for secrets at rest: AES-256-GCM (NIST SP 800-38D).
//
// Sealed form: one version byte 0x01, a 12-byte random nonce, the ciphertext, a 16-byte tag. `context` is bound to the
// box without being stored in it: a box moved to another row does not open.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"

namespace firmsign::crypto {

inline constexpr std::size_t kSealingKeyBytes = 32;

// `key` has kSealingKeyBytes. At most 2^32 boxes per key.
std::string Seal(const SecretBytes& key, std::string_view context, const SecretBytes& plain, Random& random);
// kCorrupt: wrong key, wrong context, or changed bytes.
Expected<SecretBytes> Open(const SecretBytes& key, std::string_view context, std::string_view box);

// The operating system's randomness, through OpenSSL. Thread safety: safe.
Random& SystemRandom();

}  // namespace firmsign::crypto
