// SPDX-License-Identifier: Apache-2.0
//
// No text opens as a session token but one that was sealed here, and no code is one of a device but the right ones.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/crypto/seal.h"
#include "services/iam/session_tokens.h"
#include "services/iam/totp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static firmsign::Random& random = firmsign::crypto::SystemRandom();
  static const auto kKeyring = firmsign::keys::Keyring::Make(firmsign::keys::MakeMasterKey(random), random);
  static const firmsign::iam::SessionTokens kTokens(*kKeyring, random);
  if (kTokens.Open(firmsign::AccessKeyId("ASIAEXAMPLE"), text)) std::abort();
  // RFC 6238, appendix B: the seed is "12345678901234567890".
  static const firmsign::SecretBytes kSeed("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const auto step = firmsign::iam::FindTotpStep(kSeed, text, firmsign::InstantFromSeconds(1'234'567'890));
  if (step && firmsign::iam::TotpCode(kSeed, *step) != text) std::abort();
  return 0;
}
