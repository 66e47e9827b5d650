// SPDX-License-Identifier: Apache-2.0
//
// Encryption of files that are read from any position: AES-256 in counter mode (NIST SP 800-38A, 6.5). The text keeps
// its length. It keeps secrets and proves nothing: whoever changes a byte changes the same byte of the plain text, so
// that a digest beside it must tell.

#pragma once

#include <cstdint>
#include <span>

#include "base/secret.h"

namespace firmsign::crypto {

inline constexpr std::size_t kStreamKeyBytes = 32;

// One key for one text: the counter begins with 0. Thread safety: immutable.
class StreamCipher {
 public:
  // `key` has kStreamKeyBytes.
  explicit StreamCipher(SecretBytes key);
  // Encrypts or decrypts, which is the same, what lies at `offset` of the text.
  void Apply(std::uint64_t offset, std::span<char> bytes) const;

 private:
  SecretBytes key_;
};

}  // namespace firmsign::crypto
