// SPDX-License-Identifier: Apache-2.0

#include "platform/db/sqlite_copying.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "platform/db/sqlite.h"
#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

using ::testing::Contains;
using ::testing::Key;

class SqliteCopyingTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> OpenWriter() { return *OpenSqlite({.path = path}, clock); }
  static void Make(Database& database) {
    ASSERT_TRUE(database.InTransaction([](Transaction& transaction) {
      return transaction.ExecuteOnce("CREATE TABLE words (word TEXT PRIMARY KEY)");
    }));
  }
  static void Add(Database& database, std::string_view word) {
    ASSERT_TRUE(database.InTransaction([&](Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute("INSERT INTO words (word) VALUES ($1)", word));
      return {};
    }));
  }
  static std::string WordsIn(Reader& reader) {
    std::string words;
    const auto read = reader.Query("SELECT word FROM words ORDER BY word",
                                   [&](const Row& row) { words += (words.empty() ? "" : " ") + row.String(0); });
    return read ? words : "error: " + read.error().message;
  }
  static std::string WordsIn(Database& database) {
    std::string words;
    const auto read = database.Read([&](Reader& reader) -> Expected<void> {
      words = WordsIn(reader);
      return {};
    });
    return read ? words : "error: " + read.error().message;
  }
  // Name and bytes of each file. Only while no connection is open: reading a file would drop SQLite's locks on it.
  static std::map<std::string, std::string> FilesIn(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return files;
  }
  // What a process that is killed while it has the database open leaves.
  std::string CopyAsAfterAKill() {
    const std::string copy = folder.path() + "/killed";
    std::filesystem::create_directory(copy);
    for (const char* ending : {"", "-wal"}) std::filesystem::copy_file(path + ending, copy + "/test.db" + ending);
    return copy;
  }

  testing::TemporaryFolder folder;
  std::string path = folder.path() + "/test.db";
  SystemClock clock;
};

TEST_F(SqliteCopyingTest, ReadsWhatAWriterHasCommittedAndItsSnapshotStays) {
  const auto writer = OpenWriter();
  Make(*writer);
  Add(*writer, "one");
  const auto reading = OpenSqliteForReading(path, clock);
  ASSERT_TRUE(reading) << reading.error().message;
  ASSERT_TRUE((*reading)->Read([&](Reader& reader) -> Expected<void> {
    EXPECT_EQ(WordsIn(reader), "one");
    Add(*writer, "two");
    EXPECT_EQ(WordsIn(reader), "one");
    return {};
  }));
  EXPECT_EQ(WordsIn(**reading), "one two");
}

TEST_F(SqliteCopyingTest, RefusesToWrite) {
  const auto writer = OpenWriter();
  Make(*writer);
  const auto reading = *OpenSqliteForReading(path, clock);
  EXPECT_EQ(reading->InTransaction([](Transaction&) -> Expected<void> { return {}; }).error().code, Code::kDenied);
  const auto written = reading->Read(
      [](Reader& reader) { return reader.Query("INSERT INTO words (word) VALUES ('x')", [](const Row&) {}); });
  ASSERT_FALSE(written);
  EXPECT_EQ(WordsIn(*reading), "");
}

TEST_F(SqliteCopyingTest, NeverCheckpointsAlthoughItClosesLast) {
  {
    auto writer = OpenWriter();
    Make(*writer);
    Add(*writer, "one");
    auto reading = *OpenSqliteForReading(path, clock);
    // With the reader there, the writer cannot take the log along.
    ASSERT_TRUE(reading->Read([&](Reader& reader) -> Expected<void> {
      EXPECT_EQ(WordsIn(reader), "one");
      writer.reset();
      EXPECT_EQ(WordsIn(reader), "one");
      return {};
    }));
    EXPECT_TRUE(std::filesystem::exists(path + "-wal"));
    reading.reset();
  }
  EXPECT_TRUE(std::filesystem::exists(path + "-wal")) << "the log is the writer's to remove";
  EXPECT_EQ(WordsIn(*OpenWriter()), "one");
}

TEST_F(SqliteCopyingTest, ReadsTheLogOfAKilledWriterAndLeavesItAsItIs) {
  std::string copy;
  {
    const auto writer = OpenWriter();
    Make(*writer);
    Add(*writer, "one");
    Add(*writer, "two");
    copy = CopyAsAfterAKill();
  }
  const auto before = FilesIn(copy);
  ASSERT_GT(before.at("test.db-wal").size(), 0u);
  {
    const auto reading = OpenSqliteForReading(copy + "/test.db", clock);
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(WordsIn(**reading), "one two");
  }
  const auto after = FilesIn(copy);
  EXPECT_EQ(after.at("test.db"), before.at("test.db"));
  EXPECT_EQ(after.at("test.db-wal"), before.at("test.db-wal"));
  EXPECT_EQ(WordsIn(**OpenSqlite({.path = copy + "/test.db"}, clock)), "one two");
}

TEST_F(SqliteCopyingTest, DoesNotMakeAFileThatIsMissing) {
  const auto missing = OpenSqliteForReading(path, clock);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(path));
  std::ofstream(path) << std::string(4096, 'x');
  const auto foreign = OpenSqliteForReading(path, clock);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, Code::kCorrupt);
}

TEST_F(SqliteCopyingTest, ASelfContainedFileIsAloneAndStaysSo) {
  {
    const auto writer = OpenWriter();
    Make(*writer);
    Add(*writer, "one");
  }
  ASSERT_TRUE(MakeSqliteSelfContained(path));
  EXPECT_EQ(WordsIn(**OpenSqliteForReading(path, clock)), "one");
  const auto files = FilesIn(folder.path());
  EXPECT_EQ(files.size(), 1u);
  EXPECT_THAT(files, Contains(Key("test.db")));
  const auto writer = OpenWriter();
  Add(*writer, "two");
  EXPECT_EQ(WordsIn(*writer), "one two");
}

TEST_F(SqliteCopyingTest, AFileInUseIsNotMadeSelfContained) {
  const auto writer = OpenWriter();
  Make(*writer);
  EXPECT_EQ(MakeSqliteSelfContained(path).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace firmsign::db
