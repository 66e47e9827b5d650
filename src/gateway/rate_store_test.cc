// SPDX-License-Identifier: Apache-2.0

#include "gateway/rate_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gateway/admit.h"
#include "gateway/testing/known.h"
#include "platform/db/testing/databases.h"

namespace firmsign::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateStoreTest : public ::testing::TestWithParam<const db::testing::Backend*> {
 protected:
  void SetUp() override {
    const auto migrated = db::Migrate(*database_, Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }

  RateBank::Withdrawal Withdraw(std::string_view name, double per_second, double burst, std::int64_t wanted) {
    const auto withdrawal = bank_.Withdraw(name, per_second, burst, wanted);
    EXPECT_TRUE(withdrawal) << withdrawal.error().message;
    return withdrawal.value_or(RateBank::Withdrawal{.granted = -1});
  }

  std::vector<std::unique_ptr<Admission>> MakeNodes(int count, double per_second) {
    std::vector<std::unique_ptr<Admission>> nodes;
    for (int i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<Admission>(AdmitOptions{.limits = {{"signer", "", per_second}}}, &bank_));
    }
    return nodes;
  }

  bool IsAdmitted(Admission& node) const { return node.TakeToken("signer", "ListSigningJobs", kMine, kEast, clock_); }

  // What `nodes` admit in `length` when `demand` requests come to each every 10 ms.
  int AdmittedBy(std::vector<std::unique_ptr<Admission>>& nodes, Duration length, int demand) {
    int admitted = 0;
    for (Duration passed{0}; passed < length; passed += milliseconds(10)) {
      clock_.Advance(milliseconds(10));
      for (int i = 0; i < demand; ++i) {
        for (const auto& node : nodes) admitted += IsAdmitted(*node) ? 1 : 0;
      }
    }
    return admitted;
  }

  FakeClock clock_{InstantFromSeconds(1'790'000'000)};
  std::unique_ptr<db::Database> database_ = db::testing::AnyDatabase::Open(*GetParam(), clock_);
  DatabaseRateBank bank_{*database_};
};

INSTANTIATE_TEST_SUITE_P(Databases, RateStoreTest, ::testing::ValuesIn(db::testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(RateStoreTest, GrantsABurstAndThenWhatTimeBrings) {
  EXPECT_EQ(Withdraw("a", 25, 25, 10).granted, 10);
  EXPECT_EQ(Withdraw("a", 25, 25, 100).granted, 15);
  EXPECT_EQ(Withdraw("a", 25, 25, 1).granted, 0);
  clock_.Advance(milliseconds(39));
  EXPECT_EQ(Withdraw("a", 25, 25, 1).granted, 0);
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Withdraw("a", 25, 25, 1).granted, 1);
  clock_.Advance(milliseconds(100));
  EXPECT_EQ(Withdraw("a", 25, 25, 2).granted, 2) << "a whole batch, and half a token stays";
  clock_.Advance(milliseconds(20));
  EXPECT_EQ(Withdraw("a", 25, 25, 5).granted, 1);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(Withdraw("a", 25, 25, 20).granted, 20);
  EXPECT_EQ(Withdraw("a", 25, 25, 20).granted, 5) << "never above its brim";
}

TEST_P(RateStoreTest, KeepsBucketsApart) {
  EXPECT_EQ(Withdraw("a", 5, 5, 5).granted, 5);
  EXPECT_EQ(Withdraw("b", 5, 5, 5).granted, 5);
  EXPECT_EQ(Withdraw("a", 5, 5, 5).granted, 0);
}

TEST_P(RateStoreTest, TellsWhenThereCanBeATokenAgain) {
  EXPECT_EQ(Withdraw("a", 5, 5, 5).next_in, Duration::zero()) << "nothing was missing";
  EXPECT_EQ(Withdraw("a", 5, 5, 1).next_in, milliseconds(200));
  clock_.Advance(milliseconds(150));
  EXPECT_EQ(Withdraw("a", 5, 5, 1).next_in, milliseconds(50));
  clock_.Advance(milliseconds(100));
  const RateBank::Withdrawal partial = Withdraw("a", 5, 5, 2);
  EXPECT_EQ(partial.granted, 1);
  EXPECT_EQ(partial.next_in, milliseconds(150));
}

TEST_P(RateStoreTest, KeepsCountAtRatesThatNoWholeNumberDivides) {
  for (const double per_second : {3.0, 7.0, 30'000.0, 1'000'000.0}) {
    const std::string name = std::to_string(per_second);
    const auto burst = static_cast<std::int64_t>(per_second);
    EXPECT_EQ(Withdraw(name, per_second, per_second, burst).granted, burst);
    std::int64_t granted = 0;
    for (int i = 0; i < 100; ++i) {
      clock_.Advance(milliseconds(100));
      granted += Withdraw(name, per_second, per_second, burst).granted;
    }
    EXPECT_NEAR(static_cast<double>(granted), per_second * 10, per_second / 1000 + 1);
  }
}

TEST_P(RateStoreTest, GrantsOneInTimeUnderALimitBelowOnePerSecond) {
  EXPECT_EQ(Withdraw("a", 0.001, 1, 1).granted, 1);
  clock_.Advance(seconds(999));
  EXPECT_EQ(Withdraw("a", 0.001, 1, 1).granted, 0);
  clock_.Advance(seconds(1));
  EXPECT_EQ(Withdraw("a", 0.001, 1, 1).granted, 1);
}

TEST_P(RateStoreTest, GoesOnWhenTheDatabasesClockIsSetBack) {
  EXPECT_EQ(Withdraw("a", 5, 5, 5).granted, 5);
  clock_.Advance(-std::chrono::hours(1));
  EXPECT_EQ(Withdraw("a", 5, 5, 5).granted, 0) << "that is no time that has passed";
  clock_.Advance(seconds(1));
  EXPECT_EQ(Withdraw("a", 5, 5, 5).granted, 5);
}

TEST_P(RateStoreTest, ForgetsBucketsThatHaveLongBeenFull) {
  for (int i = 0; i < 20; ++i) Withdraw("old " + std::to_string(i), 5, 5, 5);
  clock_.Advance(std::chrono::hours(25));
  Withdraw("new", 5, 5, 5);
  std::vector<std::string> names;
  ASSERT_TRUE(database_->Read([&](db::Reader& reader) {
    names.clear();
    return reader.Query("SELECT name FROM gateway_rates", [&](const db::Row& row) { names.push_back(row.String(0)); });
  }));
  EXPECT_EQ(names, std::vector<std::string>{"new"});
}

// The measure of "rate limits across nodes hold within 20 % over 10 seconds", from the first request on and later.
TEST_P(RateStoreTest, HoldsALimitAcrossNodesWithinAFifthOverTenSeconds) {
  for (const int per_second : {5, 25, 1000}) {
    for (const int count : {1, 3}) {
      auto nodes = MakeNodes(count, per_second);
      const int demand = per_second / 50 + 1;  // of each node, at least twice the limit
      for (const char* when : {"from the first request on", "later"}) {
        const int admitted = AdmittedBy(nodes, seconds(10), demand);
        EXPECT_GE(admitted, per_second * 8) << when << ", " << count << " nodes";
        EXPECT_LE(admitted, per_second * 12) << when << ", " << count << " nodes";
      }
      clock_.Advance(seconds(60));
    }
  }
}

TEST_P(RateStoreTest, GivesTheWholeRateToTheOneNodeThatIsNotIdle) {
  auto nodes = MakeNodes(3, 25);
  AdmittedBy(nodes, seconds(2), 1);
  for (auto& node : nodes) {
    std::vector<std::unique_ptr<Admission>> only;
    only.push_back(std::move(node));
    const int admitted = AdmittedBy(only, seconds(10), 1);
    EXPECT_GE(admitted, 25 * 8);
    EXPECT_LE(admitted, 25 * 12);
    node = std::move(only.front());
  }
}

TEST_P(RateStoreTest, RefusesNobodyAsLongAsAllNodesTogetherStayBelowTheLimit) {
  constexpr int kNodes = 20;
  auto nodes = MakeNodes(kNodes, 1000);
  int refused = 0;
  // Every node has one request in 50 ms, which makes 400 in a second; nodes that took a tenth of the limit each second
  // and used little of it would need 2000.
  for (int round = 0; round < 60; ++round) {
    clock_.Advance(milliseconds(50));
    for (const auto& node : nodes) refused += IsAdmitted(*node) ? 0 : 1;
  }
  EXPECT_EQ(refused, 0);
}

using RateStoreConcurrency = RateStoreTest;
INSTANTIATE_TEST_SUITE_P(Databases, RateStoreConcurrency, ::testing::ValuesIn(db::testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(RateStoreConcurrency, GrantsNoMoreThanThereIsThoughManyWithdrawAtOnce) {
  constexpr int kThreads = 12;
  std::atomic<std::int64_t> granted{0};
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < 20; ++i) granted += Withdraw("a", 1000, 1000, 7 + thread).granted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted, 1000) << "2,400 were wanted while the clock stood still";
}

TEST_P(RateStoreConcurrency, AdmitsABurstOnceThoughManyRequestsComeToManyNodesAtOnce) {
  constexpr int kThreads = 12;
  for (const int per_second : {5, 25, 1000}) {
    auto nodes = MakeNodes(3, per_second);
    clock_.Advance(seconds(60));
    std::atomic<int> admitted{0};
    std::latch start(kThreads);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        start.arrive_and_wait();
        for (int i = 0; i < 400; ++i) admitted += IsAdmitted(*nodes[static_cast<std::size_t>(thread) % 3]) ? 1 : 0;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(admitted, per_second);
  }
}

// With the clock that each database really has.
TEST_P(RateStoreConcurrency, NeverGrantsMoreThanTheBurstAndWhatTheTimeBrought) {
  constexpr int kThreads = 8;
  const auto place = GetParam()->make_place();
  const SystemClock system_clock;
  const auto database = place->Open(system_clock);
  ASSERT_TRUE(database) << database.error().message;
  ASSERT_TRUE(db::Migrate(**database, Migrations()));
  DatabaseRateBank bank(**database);
  std::atomic<std::int64_t> granted{0};
  const Instant began = (*database)->Now();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto withdrawal = bank.Withdraw("a", 500, 50, 20);
        EXPECT_TRUE(withdrawal) << withdrawal.error().message;
        granted += withdrawal.value_or(RateBank::Withdrawal{}).granted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Duration passed = (*database)->Now() - began;
  EXPECT_GE(granted, 50);
  EXPECT_LE(static_cast<double>(granted), 50 + 500 * (static_cast<double>(passed.count()) / 1e6) + 10)
      << "10: asking a database for its time is not exact";
}

}  // namespace
}  // namespace firmsign::gateway
