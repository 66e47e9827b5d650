// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses as a private key keeps its kind and its public half when it goes through PKCS#8.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "platform/crypto/key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using firmsign::crypto::PrivateKey;
  const firmsign::SecretBytes pem(std::string(reinterpret_cast<const char*>(data), size));
  const auto key = PrivateKey::FromPem(pem);
  if (!key) return 0;
  const auto again = PrivateKey::FromPkcs8Der(key->ToPkcs8Der());
  CHECK(again.has_value());
  CHECK(again->kind() == key->kind());
  const auto before = key->Public();
  const auto after = again->Public();
  CHECK(before.has_value() == after.has_value());
  CHECK(!before || before->Spki() == after->Spki());
  return 0;
}
