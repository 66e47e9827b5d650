// SPDX-License-Identifier: Apache-2.0

#include "base/repeater.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>

namespace firmsign {
namespace {

TEST(Repeater, WorksAgainAndAgainUntilItIsStopped) {
  int count = 0;
  std::latch third(3);
  {
    Repeater repeater;
    repeater.Start("test", std::chrono::microseconds(1), [&] {
      if (++count <= 3) third.count_down();
    });
    third.wait();
    repeater.Stop();
    const int stopped_at = count;
    repeater.Stop();
    EXPECT_EQ(count, stopped_at);
  }
  EXPECT_GE(count, 3);
}

TEST(Repeater, TellsWorkThatTakesLongToEnd) {
  Repeater repeater;
  std::latch begun(1);
  bool was_told = false;
  repeater.Start("test", std::chrono::hours(1), [&] {
    begun.count_down();
    while (!repeater.is_stopping()) std::this_thread::yield();
    was_told = true;
  });
  begun.wait();
  repeater.Stop();
  EXPECT_TRUE(was_told);
}

TEST(Repeater, ThatWasNeverStartedIsStoppedWithoutHarm) {
  Repeater repeater;
  repeater.Stop();
  EXPECT_TRUE(repeater.is_stopping());
}

}  // namespace
}  // namespace firmsign
