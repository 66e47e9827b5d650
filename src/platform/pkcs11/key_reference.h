// SPDX-License-Identifier: Apache-2.0
//
// KeyReference: how a private or secret key in a token is found again.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace firmsign::pkcs11 {

// kHmac: a secret key (CKO_SECRET_KEY) whose "signature" is an HMAC-SHA256.
enum class KeyType : std::uint8_t { kRsa, kEc, kHmac };
// The name by which a packet calls it.
inline std::string FormatKeyType(KeyType type) {
  if (type == KeyType::kHmac) return "HMAC";
  return type == KeyType::kRsa ? "RSA" : "EC";
}
inline KeyType ParseKeyType(std::string_view name) {
  if (name == "HMAC") return KeyType::kHmac;
  return name == "RSA" ? KeyType::kRsa : KeyType::kEc;
}

// Which of the two are empty does not count when the key is looked for.
struct KeyReference {
  KeyType type = KeyType::kEc;
  std::string id;     // CKA_ID, raw
  std::string label;  // CKA_LABEL

  friend auto operator<=>(const KeyReference&, const KeyReference&) = default;
};

// A token may hold thousands; who has more names them by id or label.
inline constexpr std::size_t kKeysListedMax = 256;
// Of an id and of a label: longer ones are passed over.
inline constexpr std::size_t kKeyNameBytesMax = 100;

}  // namespace firmsign::pkcs11
