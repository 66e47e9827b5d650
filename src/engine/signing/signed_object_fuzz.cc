// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses as a signed object has either a payload or a location, and is not believed without its signature.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engine/signing/sign.h"
#include "engine/signing/testing/memory_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace crypto = firmsign::crypto;
  namespace signing = firmsign::signing;
  static const crypto::PublicKey key = *crypto::PublicKey::FromPem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENMgiW70AE5y9Y+S+obvOJzQlQEQM\n"
      "tC3Tq3XdikDubS+xgWo6sTCOcVEiAJlc+HL8mGpEdeDEr+GxINksHhEhyg==\n"
      "-----END PUBLIC KEY-----\n");
  const auto object = signing::ParseSignedObject(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!object) return 0;
  CHECK(object->payload.has_value() != object->location.has_value());
  signing::MemoryImage image(object->payload.value_or("firmware"));
  CHECK(!signing::VerifySignedObject(*object, image, key));
  return 0;
}
