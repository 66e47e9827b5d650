// SPDX-License-Identifier: Apache-2.0

#include "services/events/event_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/db/testing/databases.h"
#include "platform/json/json.h"
#include "services/events/schema.h"

namespace firmsign::events {
namespace {

using ::testing::ElementsAre;

ports::Event JobEnded(std::string id = "01234567-89ab-4cde-8f01-23456789abcd") {
  return {.id = std::move(id),
          .detail_type = "Signer Job Status Change",
          .source = "aws.signer",
          .account = AccountId("111122223333"),
          .region = Region("us-east-1"),
          .time = InstantFromSeconds(1'524'754'800) + std::chrono::milliseconds(999),
          .resources = {"arn:aws:signer:us-east-1:111122223333:/signing-jobs/j"},
          .detail_json = R"({"job_id":"j","status":"Succeeded"})"};
}

TEST(FormatEnvelope, HasTheMembersOfEventBridge) {
  EXPECT_EQ(FormatEnvelope(JobEnded()),
            R"({"version":"0","id":"01234567-89ab-4cde-8f01-23456789abcd","detail-type":"Signer Job Status Change",)"
            R"("source":"aws.signer","account":"111122223333","time":"2018-04-26T15:00:00Z","region":"us-east-1",)"
            R"("resources":["arn:aws:signer:us-east-1:111122223333:/signing-jobs/j"],)"
            R"("detail":{"job_id":"j","status":"Succeeded"}})");
}

TEST(FormatEnvelope, IsJsonAlsoWithoutResourcesAndWithQuotes) {
  ports::Event event = JobEnded();
  event.resources.clear();
  event.detail_type = "a \"b\"";
  const auto parsed = json::Parse(FormatEnvelope(event));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->Find("resources")->AsArray()->empty());
  EXPECT_EQ(*parsed->Find("detail-type")->AsString(), "a \"b\"");
}

class EventBusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database = db::testing::AnyDatabase::Open(clock);
    ASSERT_TRUE(db::Migrate(*database, Migrations()).has_value());
  }

  std::vector<std::string> Waiting() {
    std::vector<std::string> rows;
    EXPECT_TRUE(database->Read([&](db::Reader& reader) {
      rows.clear();
      return reader.Query("SELECT event FROM events_outbox ORDER BY id",
                          [&](const db::Row& row) { rows.push_back(row.String(0)); });
    }));
    return rows;
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  std::unique_ptr<db::Database> database;
  EventBus bus;
};

TEST_F(EventBusTest, KeepsWhatWasCommitted) {
  ASSERT_TRUE(
      database->InTransaction([&](db::Transaction& transaction) { return bus.Announce(transaction, JobEnded()); })
          .has_value());
  EXPECT_THAT(Waiting(), ElementsAre(FormatEnvelope(JobEnded())));
}

TEST_F(EventBusTest, ForgetsWhatWasNotCommitted) {
  const auto failed = database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(bus.Announce(transaction, JobEnded()));
    return Fail(Code::kConflict, "lost the lease");
  });
  EXPECT_FALSE(failed.has_value());
  EXPECT_TRUE(Waiting().empty());
}

TEST_F(EventBusTest, KeepsAnEventOnceThoughItIsAnnouncedTwice) {
  ASSERT_TRUE(database
                  ->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
                    RETURN_IF_ERROR(bus.Announce(transaction, JobEnded("a")));
                    RETURN_IF_ERROR(bus.Announce(transaction, JobEnded("a")));
                    return bus.Announce(transaction, JobEnded("b"));
                  })
                  .has_value());
  EXPECT_THAT(Waiting(), ElementsAre(FormatEnvelope(JobEnded("a")), FormatEnvelope(JobEnded("b"))));
}

}  // namespace
}  // namespace firmsign::events
