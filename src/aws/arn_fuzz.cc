// SPDX-License-Identifier: Apache-2.0
//
// An ARN that can be read is written as it was.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/arn.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto arn = firmsign::aws::ParseArn(text)) CHECK(firmsign::aws::FormatArn(*arn) == text);
  return 0;
}
