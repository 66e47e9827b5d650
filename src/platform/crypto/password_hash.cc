// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/password_hash.h"

#include <argon2.h>

#include <array>
#include <cstdint>

namespace firmsign::crypto {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKiB = 19'456;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kHashBytes = 32;
constexpr SecretAccess kHashing("a password is hashed");

}  // namespace

Expected<std::string> HashPassword(const SecretBytes& password, Random& random) {
  std::array<unsigned char, 16> salt{};
  random.Fill(salt);
  std::array<char, 256> encoded{};
  const std::string_view text = password.Reveal(kHashing);
  const int result = argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, text.data(), text.size(), salt.data(),
                                           salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) return Fail(Code::kExhausted, argon2_error_message(result));
  return std::string(encoded.data());
}

bool IsPassword(const SecretBytes& password, const std::string& hash) {
  const std::string_view text = password.Reveal(kHashing);
  return argon2id_verify(hash.c_str(), text.data(), text.size()) == ARGON2_OK;
}

}  // namespace firmsign::crypto
