// SPDX-License-Identifier: Apache-2.0

#include "platform/qr/qr.h"

#include <gtest/gtest.h>

namespace firmsign::qr {
namespace {

// That it can be read is tested with a reader, in tests/clients.
TEST(MakePng, TakesWhatACodeHolds) {
  for (const std::size_t size : {1, 100, 2331}) {
    const auto png = MakePng(std::string(size, 'x'));
    ASSERT_TRUE(png) << size;
    EXPECT_TRUE(png->starts_with("\x89PNG\r\n\x1a\n"));
  }
  EXPECT_EQ(MakePng(std::string(2332, 'x')).error().code, Code::kInvalid);
  EXPECT_EQ(MakePng("").error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::qr
