// SPDX-License-Identifier: Apache-2.0
//
// No envelope is believed that was not signed here; and whatever is accepted as a payload is signed so that the
// envelope verifies and gives it back byte for byte.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engine/signing/notation_envelope.h"
#include "engine/signing/testing/identity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace signing = firmsign::signing;
  static const signing::ServiceIdentity identity = signing::MakeTestIdentity();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CHECK(!signing::VerifyNotationEnvelope(text, identity.chain.back(), signing::kTestSignedAt));
  const auto signature = signing::SignNotationPayload(text, identity, signing::TestFacts());
  if (!signature) {
    CHECK(signature.error().code == firmsign::Code::kInvalid);
    return 0;
  }
  const auto verified =
      signing::VerifyNotationEnvelope(signature->envelope, identity.chain.back(), signing::kTestSignedAt);
  CHECK(verified && verified->payload == text);
  return 0;
}
