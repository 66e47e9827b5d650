// SPDX-License-Identifier: Apache-2.0
//
// Any text is read or refused, and what is read is what was signed: the corpus has documents that the key of
// tests/vectors/crypto/p256.key.pem signed, and all of them speak of sam.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/xmldsig/signed_xml.h"

namespace firmsign::xmldsig {
namespace {

constexpr std::string_view kKey = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmIsnFvJZ3y1RvrfUT9wm3lycgKlD
Im7K/JE/DQD+v1DaX771f0lVwL1fW8UOX9A1fPWsT2uU+IX0MjGkuGkKRA==
-----END PUBLIC KEY-----
)";

void Check(std::string_view text) {
  static const std::array keys{crypto::PublicKey::FromPem(kKey).value()};
  const Name claim{"urn:test", "Claim"};
  const auto read = ReadSigned(text, claim, keys);
  if (!read) {
    if (read.error().code != Code::kInvalid) std::abort();
    return;
  }
  const Element* said = read->Is(claim) ? &*read : read->Child(claim);
  const Element* who = said != nullptr ? said->Child({"urn:test", "Who"}) : nullptr;
  if (who == nullptr || who->text != "sam") std::abort();
}

}  // namespace
}  // namespace firmsign::xmldsig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::xmldsig::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
