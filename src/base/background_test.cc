// SPDX-License-Identifier: Apache-2.0

#include "base/background.h"

#include <gtest/gtest.h>

namespace firmsign {
namespace {

TEST(BackgroundConcurrency, DoesOneAfterTheOther) {
  std::string done;
  {
    Background background("test");
    background.Wait();
    for (int i = 0; i < 3000; ++i) {
      background.Run([&done, i] { done.push_back(static_cast<char>('a' + i % 26)); });
      if (i % 7 == 0) {
        background.Wait();
        EXPECT_EQ(done.size(), static_cast<std::size_t>(i) + 1);
      }
    }
  }
  ASSERT_EQ(done.size(), 3000U);
  for (std::size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], static_cast<char>('a' + i % 26));
}

TEST(BackgroundConcurrency, NeedsNoTask) {
  for (int i = 0; i < 100; ++i) const Background background("test");
}

}  // namespace
}  // namespace firmsign
