// SPDX-License-Identifier: Apache-2.0
//
// What a parser of times accepts lies in the years it promises, and is read back as the same from what is written.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace f = firmsign;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr f::Instant kEnd{253'402'300'800'000'000};  // 10000-01-01
  if (const auto at = f::ParseBasicIso8601(text)) {
    CHECK(f::Instant{0} <= *at && *at < kEnd);
    CHECK(f::FormatBasicIso8601(*at) == text);
  }
  if (const auto at = f::ParseHttpDate(text)) {
    CHECK(f::Instant{0} <= *at && *at < kEnd);
    CHECK(f::FormatHttpDate(*at) == text);
  }
  if (const auto at = f::ParseIso8601(text)) {
    CHECK(f::Instant{0} <= *at && *at < kEnd);
    const f::Instant millis{at->micros - at->micros % 1000};
    CHECK(f::ParseIso8601(f::FormatIso8601Millis(*at)) == millis);
  }
  return 0;
}
