// SPDX-License-Identifier: Apache-2.0

#include "services/iam/totp.h"

#include <fmt/format.h>

#include "platform/crypto/digest.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kBase32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kSeedLetters = 64;
constexpr std::int64_t kStepMicros = 30'000'000;
constexpr SecretAccess kCode("the code of a one-time password");

// The letters are ours, so each of them is one of base32.
std::string DecodeBase32(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = (bits << 5U) | static_cast<std::uint32_t>(kBase32Letters.find(c) & 31U);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> static_cast<unsigned>(count)));
    bits &= (1U << static_cast<unsigned>(count)) - 1;
  }
  return bytes;
}

}  // namespace

SecretBytes MakeTotpSeed(Random& random) { return SecretBytes(MakeRandomText(random, kBase32Letters, kSeedLetters)); }

std::int64_t TotpStep(Instant at) { return at.micros / kStepMicros; }

std::string TotpCode(const SecretBytes& seed, std::int64_t step) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < counter.size(); ++i) counter[i] = static_cast<char>(step >> (56 - 8 * i));
  std::string key = DecodeBase32(seed.Reveal(kCode));
  const std::string mac = crypto::Hmac(crypto::Hash::kSha1, key, counter);
  Wipe(key);
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i])); };
  const std::size_t offset = at(mac.size() - 1) & 15U;
  const std::uint32_t number =
      (at(offset) & 127U) << 24U | at(offset + 1) << 16U | at(offset + 2) << 8U | at(offset + 3);
  return fmt::format("{:06}", number % 1'000'000);
}

std::optional<std::int64_t> FindTotpStep(const SecretBytes& seed, std::string_view code, Instant now) {
  std::optional<std::int64_t> found;
  const std::int64_t step = TotpStep(now);
  for (std::int64_t one = step - 1; one <= step + 1; ++one) {
    if (ConstantTimeEquals(TotpCode(seed, one), code)) found = one;
  }
  return found;
}

}  // namespace firmsign::iam
