// SPDX-License-Identifier: Apache-2.0

#include "services/cloudtrail/trail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "platform/db/testing/databases.h"
#include "platform/json/json.h"
#include "services/cloudtrail/schema.h"

namespace firmsign::cloudtrail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A database that can be taken away, and that tells when something was committed.
class Switchable final : public db::Database {
 public:
  explicit Switchable(db::Database& inner) : inner_(inner) {}

  Expected<void> InTransaction(const db::Work& work) override {
    if (failure) return Fail(*failure, "taken away by the test");
    Expected<void> result = inner_.InTransaction(work);
    if (result && on_commit) std::exchange(on_commit, nullptr)();
    return result;
  }
  Expected<void> Read(const db::ReadWork& work) override { return inner_.Read(work); }
  void Notify(std::string_view topic) override { inner_.Notify(topic); }
  std::unique_ptr<db::Listening> Listen(std::string topic, std::function<void()> listener) override {
    return inner_.Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return inner_.Now(); }

  std::optional<Code> failure;
  std::function<void()> on_commit;  // called once

 private:
  db::Database& inner_;
};

const AccountId kAccount("111122223333");
const Region kRegion("us-east-1");

class TrailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    opened = db::testing::AnyDatabase::Open(clock);
    ASSERT_TRUE(db::Migrate(*opened, Migrations()).has_value());
    database.emplace(*opened);
    store.emplace(*database);
  }

  std::unique_ptr<Trail> MakeTrail(const TrailOptions& options = {}) {
    return std::make_unique<Trail>(*store, clock, random, options);
  }

  // A record whose time and id follow from its number.
  static ports::AuditRecord Record(int number, const AccountId& account = kAccount) {
    return {.event_id = "event-" + std::to_string(number),
            .time = InstantFromSeconds(1'700'000'000 + number),
            .account = account,
            .region = kRegion,
            .event_source = "signer.amazonaws.com",
            .event_name = "DescribeSigningJob",
            .read_only = true,
            .json = R"({"eventID":"event-)" + std::to_string(number) + R"("})"};
  }

  // Event ids, oldest first; a loss record as "lost <count>".
  std::vector<std::string> Stored(const AccountId& account = kAccount) {
    std::vector<std::string> ids;
    const auto records = store->ListRecords(account, kRegion, 1000);
    for (const ports::AuditRecord& record : records.value()) {
      const auto json = json::Parse(record.json);
      EXPECT_TRUE(json.has_value()) << record.json;
      if (record.event_name == "AuditRecordsLost") {
        const std::int64_t lost = *json->Find("serviceEventDetails")->Find("lostRecords")->AsInt();
        ids.insert(ids.begin(), "lost " + std::to_string(lost));
      } else {
        ids.insert(ids.begin(), record.event_id);
      }
    }
    return ids;
  }

  FakeClock clock{InstantFromSeconds(1'800'000'000)};
  FakeRandom random;
  std::unique_ptr<db::Database> opened;
  std::optional<Switchable> database;
  std::optional<Store> store;
};

TEST_F(TrailTest, WritesInTheTransactionOfTheChange) {
  const auto trail = MakeTrail();
  ASSERT_TRUE(
      database->InTransaction([&](db::Transaction& transaction) { return trail->Write(transaction, Record(1)); })
          .has_value());
  const auto undone = database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(trail->Write(transaction, Record(2)));
    return Fail(Code::kConflict, "the change failed");
  });
  EXPECT_FALSE(undone.has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1"));
}

TEST_F(TrailTest, KeepsEveryFieldOfARecord) {
  const auto trail = MakeTrail();
  ASSERT_TRUE(trail->WriteAlone(Record(1)).has_value());
  const ports::AuditRecord stored = store->ListRecords(kAccount, kRegion, 10).value().at(0);
  EXPECT_EQ(stored.event_id, "event-1");
  EXPECT_EQ(stored.time, Record(1).time);
  EXPECT_EQ(stored.event_source, "signer.amazonaws.com");
  EXPECT_EQ(stored.event_name, "DescribeSigningJob");
  EXPECT_TRUE(stored.read_only);
  EXPECT_EQ(stored.json, Record(1).json);
}

TEST_F(TrailTest, SaysWhenARecordCannotBeWrittenAlone) {
  const auto trail = MakeTrail();
  database->failure = Code::kExhausted;
  EXPECT_EQ(trail->WriteAlone(Record(1)).error().code, Code::kExhausted);
  database->failure.reset();
  ASSERT_TRUE(trail->WriteAlone(Record(1)).has_value());
  EXPECT_EQ(trail->WriteAlone(Record(1)).error().code, Code::kConflict);
}

TEST_F(TrailTest, WritesWhatIsQueuedInBatchesAndInOrder) {
  const auto trail = MakeTrail({.batch_max = 2});
  for (int i = 1; i <= 5; ++i) trail->Queue(Record(i));
  EXPECT_THAT(Stored(), IsEmpty());
  EXPECT_EQ(trail->Statistics().waiting, 5);
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1", "event-2", "event-3", "event-4", "event-5"));
  EXPECT_EQ(trail->Statistics().waiting, 0);
  EXPECT_EQ(trail->Statistics().lost, 0);
}

TEST_F(TrailTest, FlushesByItselfAfterTheInterval) {
  std::promise<void> committed;
  database->on_commit = [&] { committed.set_value(); };
  const auto trail = MakeTrail({.flush_interval = std::chrono::milliseconds(1)});
  trail->Start();
  trail->Queue(Record(1));
  committed.get_future().wait();
  EXPECT_THAT(Stored(), ElementsAre("event-1"));
}

TEST_F(TrailTest, FlushesByItselfWhenABatchIsFull) {
  std::promise<void> committed;
  database->on_commit = [&] { committed.set_value(); };
  const auto trail = MakeTrail({.batch_max = 2, .flush_interval = std::chrono::hours(24)});
  trail->Start();
  trail->Queue(Record(1));
  trail->Queue(Record(2));
  committed.get_future().wait();
  EXPECT_THAT(Stored(), ElementsAre("event-1", "event-2"));
}

TEST_F(TrailTest, WritesWhatWaitsWhenItStops) {
  const auto trail = MakeTrail({.flush_interval = std::chrono::hours(24)});
  trail->Start();
  trail->Queue(Record(1));
  trail->Stop();
  EXPECT_THAT(Stored(), ElementsAre("event-1"));
  trail->Stop();
  trail->Queue(Record(2));
  EXPECT_EQ(trail->Statistics().lost, 1);
}

TEST_F(TrailTest, KeepsRecordsInOrderWhileTheDatabaseIsAway) {
  const auto trail = MakeTrail({.batch_max = 2});
  for (int i = 1; i <= 3; ++i) trail->Queue(Record(i));
  for (const Code code : {Code::kUnavailable, Code::kExhausted}) {
    database->failure = code;
    EXPECT_EQ(trail->Flush().error().code, code);
    EXPECT_EQ(trail->Statistics().waiting, 3);
  }
  trail->Queue(Record(4));
  database->failure.reset();
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1", "event-2", "event-3", "event-4"));
  EXPECT_EQ(trail->Statistics().lost, 0);
}

TEST_F(TrailTest, RecordsWhatTheQueueCouldNotHold) {
  const AccountId other("999988887777");
  const auto trail = MakeTrail({.queue_max = 2});
  for (int i = 1; i <= 4; ++i) trail->Queue(Record(i));
  trail->Queue(Record(5, other));
  EXPECT_EQ(trail->Statistics().lost, 3);
  database->failure = Code::kUnavailable;
  EXPECT_FALSE(trail->Flush().has_value());
  trail->Queue(Record(6));
  EXPECT_EQ(trail->Statistics().lost, 4);
  database->failure.reset();
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1", "event-2", "lost 3"));
  EXPECT_THAT(Stored(other), ElementsAre("lost 1"));
  // It is recorded once.
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1", "event-2", "lost 3"));
}

TEST_F(TrailTest, TellsBetweenWhichTimesRecordsWereLost) {
  const auto trail = MakeTrail({.queue_max = 0});
  for (const int i : {2, 1, 3}) trail->Queue(Record(i));
  ASSERT_TRUE(trail->Flush().has_value());
  const ports::AuditRecord stored = store->ListRecords(kAccount, kRegion, 10).value().at(0);
  EXPECT_EQ(stored.time, clock.Now());
  EXPECT_FALSE(stored.read_only);
  const json::Value json = json::Parse(stored.json).value();
  EXPECT_EQ(*json.Find("eventSource")->AsString(), "cloudtrail.amazonaws.com");
  EXPECT_EQ(*json.Find("recipientAccountId")->AsString(), kAccount.str());
  EXPECT_EQ(*json.Find("eventID")->AsString(), stored.event_id);
  const json::Value* details = json.Find("serviceEventDetails");
  EXPECT_EQ(*details->Find("firstLostTime")->AsString(), FormatIso8601(Record(1).time));
  EXPECT_EQ(*details->Find("lastLostTime")->AsString(), FormatIso8601(Record(3).time));
}

TEST_F(TrailTest, RecordsABatchThatTheDatabaseRefused) {
  const auto trail = MakeTrail();
  trail->Queue(Record(1));
  trail->Queue(Record(2));
  database->failure = Code::kInternal;
  EXPECT_EQ(trail->Flush().error().code, Code::kInternal);
  EXPECT_EQ(trail->Statistics().waiting, 0);
  EXPECT_EQ(trail->Statistics().lost, 2);
  database->failure.reset();
  trail->Queue(Record(3));
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-3", "lost 2"));
}

TEST_F(TrailTest, LosesWhatCannotBeWrittenWhenItStops) {
  const auto trail = MakeTrail({.batch_max = 1});
  for (int i = 1; i <= 3; ++i) trail->Queue(Record(i));
  database->failure = Code::kUnavailable;
  trail->Stop();
  EXPECT_EQ(trail->Statistics().lost, 3);
  EXPECT_EQ(trail->Statistics().waiting, 0);
}

TEST_F(TrailTest, KeepsARecordOnceWhenItIsWrittenASecondTime) {
  const auto trail = MakeTrail();
  ASSERT_TRUE(trail->WriteAlone(Record(1)).has_value());
  trail->Queue(Record(1));
  ASSERT_TRUE(trail->Flush().has_value());
  EXPECT_THAT(Stored(), ElementsAre("event-1"));
  EXPECT_EQ(trail->Statistics().lost, 0);
}

TEST_F(TrailTest, TakesRecordsFromManyThreads) {
  const auto trail = MakeTrail({.batch_max = 7, .flush_interval = std::chrono::milliseconds(1)});
  trail->Start();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&trail, t] {
      for (int i = 0; i < 100; ++i) trail->Queue(Record(t * 100 + i));
    });
  }
  threads.clear();
  trail->Stop();
  EXPECT_EQ(Stored().size(), 400U);
  EXPECT_EQ(trail->Statistics().lost, 0);
}

}  // namespace
}  // namespace firmsign::cloudtrail
