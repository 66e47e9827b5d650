// SPDX-License-Identifier: Apache-2.0
//
// Any text is parsed or refused, and no token that is parsed is signed by keys that did not sign it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/federation/jwt.h"

namespace {

// The public key of RFC 7515, appendix A.3. Nobody who fuzzes has the private one by chance.
constexpr std::string_view kKeys = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"1",
  "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto kSet = firmsign::federation::ParseKeySet(kKeys);
  if (!kSet || kSet->size() != 1) std::abort();
  static_cast<void>(firmsign::federation::ParseKeySet(text));
  const auto token = firmsign::federation::ParseJwt(text);
  if (!token) return 0;
  static_cast<void>(firmsign::federation::TimeOf(*token, firmsign::InstantFromSeconds(1'700'000'000)));
  // The example of that appendix is in the corpus and is signed by it; its claims cannot be changed.
  const bool is_signed = firmsign::federation::IsSignedByOneOf(*token, *kSet);
  if (is_signed && token->Text("iss") != "joe") std::abort();
  return 0;
}
