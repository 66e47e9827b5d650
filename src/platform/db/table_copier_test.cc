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
  struct Thing {
    std::string shelf = "shelf";
    std::int64_t place = 0;
    std::optional<std::string> label = "label";
    std::string content = "content";
  };
  static void Add(Database& database, const std::vector<Thing>& added) {
    ASSERT_TRUE(database.InTransaction([&](Transaction& transaction) -> Expected<void> {
      for (const Thing& thing : added) {
        RETURN_IF_ERROR(transaction.Execute(
            "INSERT INTO things (shelf, place, label, weight, content) VALUES ($1, $2, $3, $4, $5)", thing.shelf,
            thing.place, thing.label, thing.place % 2 == 0 ? std::optional(thing.place * 1'000'000'007) : std::nullopt,
            Blob{thing.content}));
      }
      return {};
    }));
  }
  static std::vector<Thing> Alike(std::int64_t count) {
    std::vector<Thing> alike;
    for (std::int64_t place = 0; place < count; ++place) alike.push_back({.place = place});
    return alike;
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
  std::vector<Thing> added;
  for (int i = 0; i < 1300; ++i) {
    added.push_back(
        {.shelf = i % 3 == 0   ? "a"
                  : i % 3 == 1 ? "B"
                               : "\u00e4",
         .place = i - 650,
         .label = i % 5 == 0 ? std::nullopt : std::optional(std::string(static_cast<std::size_t>(i % 7), 'x')),
         .content = i == 700 ? std::string(3 << 20, '\xff') : std::string("\0\xfe", static_cast<std::size_t>(i % 3))});
  }
  Add(*source, added);
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
  Add(*source, Alike(100));
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
  Add(*source, Alike(40));
  const TableCopier copier(things, [](const Record& record) { return std::get<std::int64_t>(record[1]) >= 30; });
  EXPECT_EQ(Copy(copier).value(), 10);
  Add(*target, {{.place = 5, .label = "other"}});
  EXPECT_EQ(Compare(copier).value(), 10) << "they may differ";
}

INSTANTIATE_TEST_SUITE_P(Databases, TableCopierTest, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& info) { return info.param->name; });

}  // namespace
}  // namespace firmsign::db
