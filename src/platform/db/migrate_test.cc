// SPDX-License-Identifier: Apache-2.0
//
// Migrations, over each driver.

#include <gmock/gmock.h>

#include <array>
#include <latch>
#include <thread>

#include "platform/db/testing/contract.h"

namespace firmsign::db {
namespace {

using testing::DatabaseContract;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using MigrateContract = DatabaseContract;
INSTANTIATE_TEST_SUITE_P(Drivers, MigrateContract, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

constexpr std::array kTwo{
    Migration{
        .component = "shop", .number = 1, .sql = "CREATE TABLE shop_a (id {INT});\nCREATE TABLE shop_b (id {INT});"},
    Migration{.component = "shop", .number = 2, .sql = "INSERT INTO shop_a (id) VALUES (7)"}};

TEST_P(MigrateContract, EachMigrationIsAppliedOnceAndLaterOnesFollow) {
  ASSERT_TRUE(Migrate(*database_, std::span(kTwo).first(1)));
  ASSERT_TRUE(Migrate(*database_, kTwo));
  ASSERT_TRUE(Migrate(*database_, kTwo));
  std::int64_t rows = 0;
  std::vector<std::string> remembered;
  ASSERT_TRUE(database_->Read([&](Reader& reader) -> Expected<void> {
    remembered.clear();
    RETURN_IF_ERROR(reader.Query("SELECT count(*) FROM shop_a", [&](const Row& row) { rows = row.Int(0); }));
    RETURN_IF_ERROR(reader.Query("SELECT id FROM shop_b", [](const Row&) {}));
    return reader.Query("SELECT component, number, applied_at FROM schema_migrations ORDER BY component, number",
                        [&](const Row& row) {
                          remembered.push_back(row.String(0) + std::to_string(row.Int(1)));
                          EXPECT_GE(row.Time(2), clock_.Now());
                        });
  }));
  EXPECT_EQ(rows, 1);
  EXPECT_THAT(remembered, ElementsAre("shop1", "shop2", "test1"));
}

using MigrateConcurrency = DatabaseContract;
INSTANTIATE_TEST_SUITE_P(Drivers, MigrateConcurrency, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST_P(MigrateConcurrency, NodesThatStartAtOnceApplyEachMigrationOnce) {
  constexpr std::array kNew{Migration{
      .component = "shop", .number = 1, .sql = "CREATE TABLE shop_a (id {INT}); INSERT INTO shop_a (id) VALUES (1)"}};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] {
      const auto migrated = Migrate(*database_, kNew);
      EXPECT_TRUE(migrated) << migrated.error().message;
    });
  }
  for (std::thread& node : nodes) node.join();
  std::int64_t rows = 0;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    return reader.Query("SELECT count(*) FROM shop_a", [&](const Row& row) { rows = row.Int(0); });
  }));
  EXPECT_EQ(rows, 1);
}

TEST_P(MigrateContract, AnEditedMigrationIsRefused) {
  ASSERT_TRUE(Migrate(*database_, kTwo));
  auto edited = kTwo;
  edited[1].sql = "INSERT INTO shop_a (id) VALUES (8)";
  const auto refused = Migrate(*database_, edited);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("shop/2"));
}

TEST_P(MigrateContract, ADatabaseNewerThanTheProgramIsRefused) {
  ASSERT_TRUE(Migrate(*database_, kTwo));
  const auto refused = Migrate(*database_, std::span(kTwo).first(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
}

TEST_P(MigrateContract, AFailedMigrationLeavesNothingAndCanBeRepeated) {
  const std::array broken{Migration{
      .component = "shop", .number = 1, .sql = "CREATE TABLE shop_a (id {INT}); INSERT INTO nowhere (id) VALUES (1)"}};
  const auto failed = Migrate(*database_, broken);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("shop/1"));
  EXPECT_TRUE(Migrate(*database_, kTwo)) << "the table of the failed try would be in the way";
}

TEST_P(MigrateContract, AGapInTheNumbersIsRefused) {
  EXPECT_EQ(Migrate(*database_, std::span(kTwo).subspan(1)).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::db
