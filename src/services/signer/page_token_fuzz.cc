// SPDX-License-Identifier: Apache-2.0
//
// Nobody but the deployment makes page tokens, and a position that can be read is the same when it is written again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "services/signer/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace signer = firmsign::signer;
  static firmsign::FakeRandom random;
  static const auto keyring = firmsign::keys::Keyring::Make(firmsign::keys::MakeMasterKey(random), random);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CHECK(!signer::ParsePageToken(*keyring, "list", text));
  const std::string token = signer::FormatPageToken(*keyring, "list", text.substr(0, 1000));
  CHECK(signer::ParsePageToken(*keyring, "list", token) == text.substr(0, 1000));
  CHECK(!signer::ParsePageToken(*keyring, "another list", token));
  if (const auto position = signer::ParseJobPosition(text)) {
    CHECK(signer::ParseJobPosition(signer::FormatJobPosition(*position)) == position);
  }
  return 0;
}
