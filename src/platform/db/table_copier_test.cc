// SPDX-License-Identifier: Apache-2.0

#include "platform/db/table_copier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

using ::testing::HasSubstr;

constexpr Migration kThings{.component = "test", .number = 1, .sql = R"sql(
CREATE TABLE things (
  shelf {TEXT} NOT NULL,
  place {INT} NOT NULL,
  label {TEXT},
  weight {INT},
  content {BYTES},
  PRIMARY KEY (shelf, place)
);
)sql"};

// From SQLite to each database.
class TableCopierTest : public ::testing::TestWithParam<const testing::Backend*> {
 protected:
  void SetUp() override {
    for (Database* database : {source.get(), target.get()}) {
      ASSERT_TRUE(Migrate(*database, {&kThings, 1}));
    }
    ASSERT_TRUE(source->Read([&](Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(const std::vector<Table> tables, ListTables(reader, Driver::kSqlite));
      for (const Table& table : tables) {
        if (table.name == "things") things = table;
      }
      return {};
    }));
  }
  static void Add(Database& database, std::string_view shelf, std::int64_t place,
                  const std::optional<std::string>& label, std::string_view content) {
    ASSERT_TRUE(database.InTransaction([&](Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO things (shelf, place, label, weight, content) VALUES ($1, $2, $3, $4, $5)", shelf, place, label,
          place % 2 == 0 ? std::optional(place * 1'000'000'007) : std::nullopt, Blob{content}));
      return {};
    }));
  }
  static void Change(Database& database, std::string_view sql) {
    ASSERT_TRUE(database.InTransaction([&](Transaction& transaction) { return transaction.ExecuteOnce(sql); }));
  }
  Expected<std::int64_t> Copy(const TableCopier& copier) const {
    std::int64_t copied = 0;
    RETURN_IF_ERROR(source->Read([&](Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(copied, copier.Copy(reader, *target));
      return {};
    }));
    return copied;
  }
  Expected<std::int64_t> Compare(const TableCopier& copier) const {
    std::int64_t same = 0;
    RETURN_IF_ERROR(source->Read([&](Reader& ours) {
      return target->Read([&](Reader& theirs) -> Expected<void> {
        ASSIGN_OR_RETURN(same, copier.Compare(ours, theirs));
        return {};
      });
    }));
    return same;
  }

  SystemClock clock;
  testing::SqliteOnDisk source_place;
  std::unique_ptr<testing::Place> target_place = GetParam()->make_place();
  std::unique_ptr<Database> source = *source_place.Open(clock);
  std::unique_ptr<Database> target = *target_place->Open(clock);
  Table things;
};

TEST_P(TableCopierTest, CopiesPageAfterPageAndFindsThemTheSame) {
  // Keys whose order in bytes is not that of any language, values that are empty, null, large or not text.
  for (int i = 0; i < 1300; ++i) {
    Add(*source,
        i % 3 == 0   ? "a"
        : i % 3 == 1 ? "B"
                     : "\u00e4",
        i - 650, i % 5 == 0 ? std::nullopt : std::optional(std::string(static_cast<std::size_t>(i % 7), 'x')),
        i == 700 ? std::string(3 << 20, '\xff') : std::string("\0\xfe", static_cast<std::size_t>(i % 3)));
  }
  const TableCopier copier(things);
  EXPECT_EQ(Compare(copier).error().code, Code::kCorrupt) << "nothing is there yet";
  const auto copied = Copy(copier);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, 1300);
  const auto same = Compare(copier);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(*same, 1300);
}

TEST_P(TableCopierTest, NamesTheRecordThatDiffers) {
  for (int i = 0; i < 100; ++i) Add(*source, "shelf", i, "label", "content");
  const TableCopier copier(things);
  ASSERT_TRUE(Copy(copier));
  const auto expect_difference = [&](std::string_view change, std::string_view undo, const char* message) {
    Change(*target, change);
    const auto same = Compare(copier);
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, Code::kCorrupt);
    EXPECT_THAT(same.error().message, HasSubstr(message));
    Change(*target, undo);
    EXPECT_TRUE(Compare(copier));
  };
  expect_difference("UPDATE things SET label = NULL WHERE place = 63", "UPDATE things SET label = 'label'",
                    "the record shelf=shelf, place=63 differs in label");
  expect_difference("INSERT INTO things (shelf, place) VALUES ('shelf', 100)", "DELETE FROM things WHERE place = 100",
                    "only the target has the record shelf=shelf, place=100");
  Change(*target, "DELETE FROM things WHERE place = 0");
  EXPECT_EQ(Compare(copier).error().code, Code::kCorrupt);
}

TEST_P(TableCopierTest, LeavesOutRecordsThatDoNotCount) {
  for (int i = 0; i < 40; ++i) Add(*source, "shelf", i, "label", "content");
  const TableCopier copier(things, [](const Record& record) { return std::get<std::int64_t>(record[1]) >= 30; });
  EXPECT_EQ(Copy(copier).value(), 10);
  Add(*target, "shelf", 5, "other", "content");
  EXPECT_EQ(Compare(copier).value(), 10) << "they may differ";
}

INSTANTIATE_TEST_SUITE_P(Databases, TableCopierTest, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& info) { return info.param->name; });

}  // namespace
}  // namespace firmsign::db
