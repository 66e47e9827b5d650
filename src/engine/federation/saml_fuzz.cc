// SPDX-License-Identifier: Apache-2.0
//
// Any text is taken for metadata and for a response: it is read or refused. The corpus has a response that the key of
// the metadata beside it signed, of sam; nothing else that key signed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/federation/saml.h"

namespace firmsign::federation {
namespace {

constexpr std::string_view kKey = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsSfHKwdoqxP4SrQTk/F1
CDIzeeg6S42T4BTTLTCEW6CNWZiI+rWTssM0QfTmgIiiYjcoOALWi7f2NO2Ep7lF
5dr+ZYYt/Xonm/d4FSgzwEzdJW4NZECoGIs54apJWOF72dPDu2NeccC6gLTA94u8
EuvTJ660oyvSgVuMXczzLa9y5Xn7yKc4PNsklsbk3i+RW3VrgpPDaQ95zZD6JwJS
dRI94bsY7kYbGzZGYymdS1rRsPwfh6/UTsYsbkNvC8RG/HtVMWz216xhh0Z1RFKT
Ml9GBXTwn9n1jxe0HT2V2kdA9eZDFowXp1wnV2bqdspLYHKZKAC0SR3dXKtGH/bN
bQIDAQAB
-----END PUBLIC KEY-----
)";

void Check(std::string_view text) {
  static const std::vector<crypto::PublicKey> keys{crypto::PublicKey::FromPem(kKey).value()};
  const auto metadata = ParseSamlMetadata(text);
  if (metadata && (metadata->keys.empty() || metadata->entity_id.empty())) std::abort();
  const auto assertion = ReadSamlResponse(text, keys);
  if (!assertion) return;
  if (assertion->subject != "sam" || assertion->confirmations.empty()) std::abort();
  std::string recipient;
  const SamlMetadata provider{.entity_id = assertion->issuer, .keys = {}, .valid_until = {}};
  const auto problem = CheckSaml(*assertion, provider, {}, assertion->issued_at, recipient);
  if (!problem && recipient.empty()) std::abort();
}

}  // namespace
}  // namespace firmsign::federation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::federation::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
