// SPDX-License-Identifier: Apache-2.0

#include "platform/db/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListTablesTest : public ::testing::TestWithParam<const testing::Backend*> {
 protected:
  Driver driver() const {
    return std::string_view(GetParam()->name) == "PostgreSQL" ? Driver::kPostgres : Driver::kSqlite;
  }
  Expected<std::vector<Table>> List() const {
    std::vector<Table> tables;
    RETURN_IF_ERROR(database->Read([&](Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(tables, ListTables(reader, driver()));
      return {};
    }));
    return tables;
  }
  // Applied as a migration; its own table of migrations is left out of the answer.
  std::vector<Table> TablesOf(std::string_view sql) const {
    const Migration migration{.component = "test", .number = 1, .sql = sql};
    const auto applied = Migrate(*database, {&migration, 1});
    EXPECT_TRUE(applied) << applied.error().message;
    auto tables = List();
    EXPECT_TRUE(tables) << tables.error().message;
    std::erase_if(*tables, [](const Table& table) { return table.name == "schema_migrations"; });
    return *tables;
  }

  SystemClock clock;
  std::unique_ptr<testing::Place> place = GetParam()->make_place();
  std::unique_ptr<Database> database = *place->Open(clock);
};

TEST_P(ListTablesTest, IsEmptyOverAnEmptyDatabase) {
  const auto tables = List();
  ASSERT_TRUE(tables) << tables.error().message;
  EXPECT_THAT(*tables, IsEmpty());
}

TEST_P(ListTablesTest, KnowsColumnsKeysAndReferences) {
  const Table shelves{.name = "z_shelves",
                      .columns = {{.name = "name", .type = ColumnType::kText, .is_nullable = false}},
                      .key = {"name"},
                      .references = {}};
  const Table boxes{.name = "a_boxes",
                    .columns = {{.name = "shelf", .type = ColumnType::kText, .is_nullable = false},
                                {.name = "place", .type = ColumnType::kInt, .is_nullable = false},
                                {.name = "content", .type = ColumnType::kBytes, .is_nullable = true}},
                    .key = {"place", "shelf"},
                    .references = {"z_shelves"}};
  EXPECT_THAT(TablesOf("CREATE TABLE z_shelves (name {TEXT} PRIMARY KEY); "
                       "CREATE TABLE a_boxes (shelf {TEXT} NOT NULL REFERENCES z_shelves (name), place {INT} NOT NULL, "
                       "content {BYTES}, PRIMARY KEY (place, shelf));"),
              ElementsAre(shelves, boxes));
}

TEST_P(ListTablesTest, TakesAUniqueIndexForTheKeyWhereThereIsNoPrimaryOne) {
  const std::vector<Table> tables = TablesOf(
      "CREATE TABLE things (a {INT} NOT NULL, b {TEXT} NOT NULL, c {INT}); "
      "CREATE UNIQUE INDEX things_1 ON things (a, b DESC); CREATE UNIQUE INDEX things_2 ON things (a, c); "
      "CREATE UNIQUE INDEX things_3 ON things (b) WHERE a = 1; CREATE INDEX things_4 ON things (a); "
      "CREATE UNIQUE INDEX things_5 ON things (b, a);");
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_THAT(tables[0].key, ElementsAre("b", "a"));
}

TEST_P(ListTablesTest, LeavesTheKeyEmptyWhereRowsCannotBeTold) {
  const std::vector<Table> tables = TablesOf("CREATE TABLE heap (a {INT}); CREATE UNIQUE INDEX heap_a ON heap (a);");
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_THAT(tables[0].key, IsEmpty());
}

TEST_P(ListTablesTest, RefusesATypeThatIsNotPortable) {
  ASSERT_TRUE(database->InTransaction(
      [](Transaction& transaction) { return transaction.ExecuteOnce("CREATE TABLE odd (a DOUBLE PRECISION)"); }));
  const auto tables = List();
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, Code::kInvalid);
  EXPECT_THAT(tables.error().message, HasSubstr("odd.a"));
}

TEST_P(ListTablesTest, ListsTheMigrationsInOrder) {
  const Migration migrations[] = {{.component = "b", .number = 1, .sql = "CREATE TABLE b_1 (a {INT})"},
                                  {.component = "b", .number = 2, .sql = "CREATE TABLE b_2 (a {INT})"},
                                  {.component = "a", .number = 1, .sql = "CREATE TABLE a_1 (a {INT})"}};
  ASSERT_TRUE(Migrate(*database, migrations));
  std::string listed;
  ASSERT_TRUE(database->Read([&](Reader& reader) -> Expected<void> {
    listed.clear();
    ASSIGN_OR_RETURN(const std::vector<AppliedMigration> applied, ListMigrations(reader));
    for (const AppliedMigration& one : applied) {
      EXPECT_FALSE(one.checksum.empty());
      listed += one.component + std::to_string(one.number) + " ";
    }
    return {};
  }));
  EXPECT_EQ(listed, "a1 b1 b2 ");
}

TEST_P(ListTablesTest, ALongReadHasNoTimeLimitsAndTheNextOneHas) {
  if (driver() != Driver::kPostgres) {
    ASSERT_TRUE(database->Read([](Reader& reader) { return AllowLongRead(reader, Driver::kSqlite); }));
    return;
  }
  const auto limits = [](Reader& reader) {
    std::string found;
    EXPECT_TRUE(reader.Query(
        "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')",
        [&](const Row& row) { found = row.String(0) + " " + row.String(1); }));
    return found;
  };
  ASSERT_TRUE(database->Read([&](Reader& reader) -> Expected<void> {
    EXPECT_NE(limits(reader), "0 0");
    RETURN_IF_ERROR(AllowLongRead(reader, Driver::kPostgres));
    EXPECT_EQ(limits(reader), "0 0");
    return {};
  }));
  ASSERT_TRUE(database->Read([&](Reader& reader) -> Expected<void> {
    EXPECT_NE(limits(reader), "0 0");
    return {};
  }));
}

INSTANTIATE_TEST_SUITE_P(Databases, ListTablesTest, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& info) { return info.param->name; });

}  // namespace
}  // namespace firmsign::db
