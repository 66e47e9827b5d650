// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses as a chain of certificates is written and parsed again to the same certificates.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using firmsign::crypto::Certificate;
  const auto chain = Certificate::ChainFromPem(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!chain) return 0;
  CHECK(!chain->empty());
  for (const Certificate& certificate : *chain) {
    const auto again = Certificate::FromPem(certificate.ToPem());
    CHECK(again.has_value());
    CHECK(again->FingerprintSha256() == certificate.FingerprintSha256());
    CHECK(again->public_key().Spki() == certificate.public_key().Spki());
    CHECK(firmsign::IsUtf8(certificate.info().subject) && firmsign::IsUtf8(certificate.info().issuer));
    CHECK(!certificate.info().is_self_signed || certificate.IsSignedBy(certificate));
  }
  return 0;
}
