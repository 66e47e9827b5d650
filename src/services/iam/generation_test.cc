// SPDX-License-Identifier: Apache-2.0

#include "services/iam/generation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "platform/db/testing/databases.h"
#include "services/iam/kept.h"
#include "services/iam/schema.h"

namespace firmsign::iam {
namespace {

// A database that can be away.
class Trouble final : public db::Database {
 public:
  explicit Trouble(db::Database& database) : database_(database) {}

  Expected<void> InTransaction(const db::Work& work) override {
    if (is_away) return Fail(Code::kUnavailable, "the database is away");
    return database_.InTransaction(work);
  }
  Expected<void> Read(const db::ReadWork& work) override {
    ++reads;
    if (is_away) return Fail(Code::kUnavailable, "the database is away");
    return database_.Read(work);
  }
  void Notify(std::string_view topic) override { database_.Notify(topic); }
  std::unique_ptr<db::Listening> Listen(std::string topic, std::function<void()> listener) override {
    return database_.Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return database_.Now(); }

  std::atomic<int> reads = 0;
  std::atomic<bool> is_away = false;

 private:
  db::Database& database_;
};

class GenerationTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(db::Migrate(*database, Migrations()).has_value()); }

  GenerationOptions NodeOptions(std::string name) {
    return {.is_shared = true, .node = std::move(name), .steady_now = [this] { return steady.load(); }};
  }
  // A change by somebody who announces it later, or never.
  void Change() {
    ASSERT_TRUE(
        database->InTransaction([](db::Transaction& transaction) { return Generation::BeginChange(transaction); }));
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  std::unique_ptr<db::Database> database = db::testing::AnyDatabase::Open(clock);
  Trouble trouble{*database};
  std::atomic<std::chrono::steady_clock::time_point> steady{
      std::chrono::steady_clock::time_point(std::chrono::hours(1))};
};

TEST_F(GenerationTest, OfAProcessAloneLivesInMemory) {
  Generation generation(trouble, {});
  const std::uint64_t before = *generation.Current();
  generation.Announce();
  EXPECT_GT(*generation.Current(), before);
  EXPECT_EQ(trouble.reads, 0);
}

TEST_F(GenerationTest, IsAskedOfTheDatabaseWithoutALease) {
  const Generation node(trouble, NodeOptions("a"));
  const std::uint64_t before = *node.Current();
  Change();
  EXPECT_EQ(*node.Current(), before + 1);
  trouble.is_away = true;
  EXPECT_EQ(node.Current().error().code, Code::kUnavailable);
}

TEST_F(GenerationTest, ComesFromMemoryWhileTheLeaseLasts) {
  Generation node(trouble, NodeOptions("a"));
  ASSERT_TRUE(node.Renew());
  const int reads = trouble.reads;
  const std::uint64_t before = *node.Current();
  Change();
  trouble.is_away = true;
  EXPECT_EQ(*node.Current(), before);
  EXPECT_EQ(trouble.reads, reads);
  steady = steady.load() + kGenerationLease;
  EXPECT_EQ(node.Current().error().code, Code::kUnavailable) << "the lease has run out";
  trouble.is_away = false;
  EXPECT_EQ(*node.Current(), before + 1);
}

TEST_F(GenerationTest, IsKnownByAllNodesWhenAnnounceReturns) {
  Generation other(trouble, NodeOptions("other"));
  Generation node(*database, NodeOptions("node"));
  ASSERT_TRUE(other.Renew());
  const std::uint64_t before = *other.Current();
  Change();
  std::atomic<bool> has_returned = false;
  std::uint64_t known_by_other = 0;
  std::thread announcing([&] {
    node.Announce();
    known_by_other = *other.Current();
    has_returned = true;
  });
  EXPECT_EQ(*other.Current(), before);
  while (!has_returned) {
    EXPECT_TRUE(other.Renew());
    std::this_thread::yield();
  }
  announcing.join();
  EXPECT_EQ(known_by_other, before + 1);
  EXPECT_EQ(*node.Current(), before + 1);
}

TEST_F(GenerationTest, IsAnnouncedWithoutANodeWhoseLeaseHasRunOut) {
  Generation gone(trouble, NodeOptions("gone"));
  ASSERT_TRUE(gone.Renew());
  clock.Advance(kGenerationLease);
  Generation node(*database, NodeOptions("node"));
  Change();
  node.Announce();
  EXPECT_EQ(*node.Current(), *Generation(*database, NodeOptions("third")).Current());
}

TEST_F(GenerationTest, ReachesARunningNodeByItself) {
  Generation other(*database, NodeOptions("other"));
  Generation node(*database, NodeOptions("node"));
  other.Start();
  node.Start();
  for (int i = 0; i < 5; ++i) {
    Change();
    node.Announce();
    EXPECT_EQ(*other.Current(), *node.Current());
  }
  node.Stop();
  other.Stop();
}

TEST(Kept, CountsForItsGenerationAlone) {
  Kept<int> kept(10);
  kept.Keep("a", 1, 7);
  EXPECT_EQ(kept.Find("a", 1), 7);
  EXPECT_EQ(kept.Find("b", 1), std::nullopt);
  EXPECT_EQ(kept.Find("a", 2), std::nullopt);
  kept.Keep("b", 2, 8);
  EXPECT_EQ(kept.Find("a", 2), std::nullopt) << "what was read before a change";
  kept.Keep("a", 1, 9);
  EXPECT_EQ(kept.Find("a", 1), std::nullopt) << "a slow reader keeps nothing old";
  EXPECT_EQ(kept.Find("b", 2), 8);
}

TEST(Kept, ForgetsAllWhenItIsFull) {
  Kept<int> kept(2);
  kept.Keep("a", 1, 1);
  kept.Keep("b", 1, 2);
  kept.Keep("c", 1, 3);
  EXPECT_EQ(kept.Find("a", 1), std::nullopt);
  EXPECT_EQ(kept.Find("c", 1), 3);
}

}  // namespace
}  // namespace firmsign::iam
