// SPDX-License-Identifier: Apache-2.0

#include "platform/db/lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

constexpr std::chrono::seconds kLength{30};

class LeaseTest : public ::testing::TestWithParam<const testing::Backend*> {
 protected:
  void SetUp() override {
    const auto migrated = Migrate(*database_, LeaseMigrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }

  Lease MakeLease(std::string holder) { return {*database_, "sweeper", std::move(holder)}; }
  static bool Takes(Lease& lease) {
    const auto taken = lease.Take(kLength);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken && *taken;
  }

  FakeClock clock_{InstantFromSeconds(1'790'000'000)};
  std::unique_ptr<Database> database_ = testing::AnyDatabase::Open(*GetParam(), clock_);
};

INSTANTIATE_TEST_SUITE_P(Databases, LeaseTest, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(LeaseTest, IsHeldByOneAtATime) {
  Lease a = MakeLease("a");
  Lease b = MakeLease("b");
  EXPECT_EQ(a.fence(), 0);
  EXPECT_TRUE(Takes(a));
  EXPECT_FALSE(Takes(b));
  EXPECT_GT(a.fence(), 0);
  EXPECT_EQ(b.fence(), 0);
}

TEST_P(LeaseTest, IsItsNamesOwn) {
  Lease a = MakeLease("a");
  Lease other(*database_, "collector", "b");
  EXPECT_TRUE(Takes(a));
  EXPECT_TRUE(Takes(other));
}

TEST_P(LeaseTest, IsRenewedByItsHolderFromThenOnAndKeepsItsFence) {
  Lease a = MakeLease("a");
  Lease b = MakeLease("b");
  ASSERT_TRUE(Takes(a));
  const std::int64_t fence = a.fence();
  clock_.Advance(kLength - Duration(1));
  EXPECT_TRUE(Takes(a));
  EXPECT_EQ(a.fence(), fence);
  clock_.Advance(kLength - Duration(1));
  EXPECT_FALSE(Takes(b));
}

TEST_P(LeaseTest, IsTakenOverAtItsEndWithAHigherFence) {
  Lease a = MakeLease("a");
  Lease b = MakeLease("b");
  ASSERT_TRUE(Takes(a));
  clock_.Advance(kLength);
  EXPECT_TRUE(Takes(b));
  EXPECT_GT(b.fence(), a.fence());
  EXPECT_FALSE(Takes(a)) << "the one that was late";
  clock_.Advance(kLength);
  EXPECT_TRUE(Takes(a));
  EXPECT_GT(a.fence(), b.fence());
}

TEST_P(LeaseTest, IsTakenAnewByItsHolderAfterItsEnd) {
  Lease a = MakeLease("a");
  ASSERT_TRUE(Takes(a));
  const std::int64_t fence = a.fence();
  clock_.Advance(kLength);
  EXPECT_TRUE(Takes(a));
  EXPECT_GT(a.fence(), fence) << "another may have held it in between";
}

TEST_P(LeaseTest, LetsAnotherInAtOnceWhenItIsReleased) {
  Lease a = MakeLease("a");
  Lease b = MakeLease("b");
  ASSERT_TRUE(Takes(a));
  EXPECT_TRUE(a.Release());
  EXPECT_TRUE(a.Release()) << "once more does nothing";
  EXPECT_TRUE(Takes(b));
  EXPECT_GT(b.fence(), a.fence());
}

TEST_P(LeaseTest, IsNotReleasedByOneThatDoesNotHoldIt) {
  Lease a = MakeLease("a");
  Lease b = MakeLease("b");
  EXPECT_TRUE(b.Release()) << "there is none yet";
  ASSERT_TRUE(Takes(a));
  clock_.Advance(kLength);
  ASSERT_TRUE(Takes(b));
  EXPECT_TRUE(a.Release());
  EXPECT_FALSE(Takes(a));
}

TEST_P(LeaseTest, HasAHigherFenceAfterARelease) {
  Lease a = MakeLease("a");
  ASSERT_TRUE(Takes(a));
  const std::int64_t fence = a.fence();
  EXPECT_TRUE(a.Release());
  EXPECT_TRUE(Takes(a));
  EXPECT_GT(a.fence(), fence);
}

TEST_P(LeaseTest, SaysThatTheDatabaseFailed) {
  ASSERT_TRUE(database_->InTransaction([](Transaction& tx) { return tx.ExecuteOnce("DROP TABLE db_leases"); }));
  Lease a = MakeLease("a");
  EXPECT_FALSE(a.Take(kLength));
  EXPECT_FALSE(a.Release());
  EXPECT_EQ(a.fence(), 0);
}

using LeaseConcurrency = LeaseTest;
INSTANTIATE_TEST_SUITE_P(Databases, LeaseConcurrency, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(LeaseConcurrency, OfManyWhoTakeAtOnceOneWinsEachTime) {
  constexpr int kThreads = 12;
  std::int64_t fence_before = 0;
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> winners{0};
    std::atomic<std::int64_t> fence{0};
    std::latch start(kThreads);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        Lease lease = MakeLease(std::to_string(thread));
        start.arrive_and_wait();
        if (!Takes(lease)) return;
        ++winners;
        fence = lease.fence();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1) << "round " << round;
    EXPECT_GT(fence, fence_before);
    fence_before = fence;
    clock_.Advance(kLength);  // the first round inserts the row, the others take over
  }
}

}  // namespace
}  // namespace firmsign::db
