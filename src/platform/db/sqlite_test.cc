// SPDX-License-Identifier: Apache-2.0
//
// What only the SQLite driver does: batches, one writing connection, and what happens when the file is bad or full.

#include "platform/db/sqlite.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <latch>
#include <thread>

#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

using ::testing::HasSubstr;

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> Open(SqliteOptions options = {}) {
    if (options.path.empty()) options.path = path_;
    auto database = OpenSqlite(options, clock_);
    EXPECT_TRUE(database) << database.error().message;
    return *std::move(database);
  }

  static Expected<void> MakeTable(Database& database) {
    return database.InTransaction([](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(tx.Execute("CREATE TABLE items (id INTEGER NOT NULL PRIMARY KEY, body BLOB)"));
      return {};
    });
  }

  static Expected<void> Insert(Database& database, std::int64_t id, std::string_view body = "") {
    return database.InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id, body) VALUES ($1, $2)", id, Blob{body}));
      return {};
    });
  }

  static std::int64_t Count(Database& database) {
    std::int64_t rows = -1;
    const auto read = database.Read([&](Reader& reader) {
      return reader.Query("SELECT count(*) FROM items", [&](const Row& row) { rows = row.Int(0); });
    });
    EXPECT_TRUE(read) << read.error().message;
    return rows;
  }

  // Keeps the writer busy inside a transaction until `waiting` others wait, so that these form one batch.
  static void HoldWriterUntil(SqliteDatabase& database, std::int64_t waiting, std::latch& is_held) {
    EXPECT_TRUE(database.InTransaction([&](Transaction&) -> Expected<void> {
      is_held.count_down();
      while (database.Statistics().waiting < waiting) std::this_thread::yield();
      return {};
    }));
  }

  FakeClock clock_{InstantFromSeconds(1'700'000'000)};
  testing::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/test.db";
};

using SqliteConcurrency = Sqlite;

TEST_F(SqliteConcurrency, WhatWaitsTogetherIsCommittedTogetherAndAFailingNeighbourHarmsNobody) {
  constexpr int kCallers = 20;
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  const WriterStatistics before = database->Statistics();

  std::latch is_held(1);
  std::thread holder([&] { HoldWriterUntil(*database, kCallers, is_held); });
  is_held.wait();
  std::vector<std::thread> callers;
  std::atomic<int> failed{0};
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const auto done = database->InTransaction([&](Transaction& tx) -> Expected<void> {
        RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id) VALUES ($1)", i));
        if (i % 5 == 1) return Fail(Code::kDenied, "no");
        if (i % 5 == 2) RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id) VALUES ($1)", i));
        return {};
      });
      if (!done) ++failed;
    });
  }
  for (std::thread& caller : callers) caller.join();
  holder.join();

  EXPECT_EQ(failed, 8);
  EXPECT_EQ(Count(*database), kCallers - 8);
  const WriterStatistics after = database->Statistics();
  EXPECT_EQ(after.transactions - before.transactions, kCallers + 1);
  EXPECT_EQ(after.batches - before.batches, 2) << "the holder's, and one for all the others";
}

TEST_F(SqliteConcurrency, OnlyAFailureAfterAChangeMakesTheNeighboursRunAgain) {
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  for (const bool changes_first : {false, true}) {
    std::latch is_held(1);
    std::thread holder([&] { HoldWriterUntil(*database, 2, is_held); });
    is_held.wait();
    std::atomic<int> runs{0};
    const std::int64_t id = changes_first ? 1 : 2;
    std::thread neighbour([&] {
      EXPECT_TRUE(database->InTransaction([&](Transaction& tx) -> Expected<void> {
        ++runs;
        RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id) VALUES ($1)", id));
        return {};
      }));
    });
    while (database->Statistics().waiting < 1) std::this_thread::yield();
    std::thread failing([&] {
      EXPECT_FALSE(database->InTransaction([&](Transaction& tx) -> Expected<void> {
        if (changes_first) RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id) VALUES ($1)", 100));
        RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id) VALUES ($1)", id));  // the neighbour's
        return {};
      }));
    });
    neighbour.join();
    failing.join();
    holder.join();
    EXPECT_EQ(runs, changes_first ? 2 : 1);
  }
  EXPECT_EQ(Count(*database), 2);
}

TEST_F(SqliteConcurrency, ABatchHasAtMostItsMaximum) {
  constexpr int kCallers = 10;
  const auto database = Open({.batch_max = 4});
  ASSERT_TRUE(MakeTable(*database));
  const std::int64_t before = database->Statistics().batches;
  std::latch is_held(1);
  std::thread holder([&] { HoldWriterUntil(*database, kCallers, is_held); });
  is_held.wait();
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) callers.emplace_back([&, i] { EXPECT_TRUE(Insert(*database, i)); });
  for (std::thread& caller : callers) caller.join();
  holder.join();
  EXPECT_EQ(database->Statistics().batches - before, 1 + 3) << "4, 4 and 2";
}

TEST_F(SqliteConcurrency, ShuttingDownEndsWhatWaitsAndRefusesTheRest) {
  constexpr int kCallers = 8;
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  std::latch is_held(1);
  std::latch is_shut_down(1);
  std::thread holder([&] {
    EXPECT_TRUE(database->InTransaction([&](Transaction&) -> Expected<void> {
      is_held.count_down();
      is_shut_down.wait();
      return {};
    }));
  });
  is_held.wait();
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) callers.emplace_back([&, i] { EXPECT_TRUE(Insert(*database, i)); });
  while (database->Statistics().waiting < kCallers) std::this_thread::yield();
  database->Shutdown();
  EXPECT_EQ(Insert(*database, 100).error().code, Code::kUnavailable);
  EXPECT_EQ(database->Read([](Reader&) -> Expected<void> { return {}; }).error().code, Code::kUnavailable);
  is_shut_down.count_down();
  holder.join();
  for (std::thread& caller : callers) caller.join();
  database->Shutdown();
  EXPECT_EQ(database->Statistics().waiting, 0);
}

TEST_F(Sqlite, TheSettingsThatDurabilityRestsOnAreOn) {
  const auto database = Open();
  const auto setting = [&](std::string_view pragma) {
    std::string value;
    EXPECT_TRUE(database->InTransaction(
        [&](Transaction& tx) { return tx.Query(pragma, [&](const Row& row) { value = row.String(0); }); }));
    return value;
  };
  EXPECT_EQ(setting("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(setting("PRAGMA synchronous"), "2");
  EXPECT_EQ(setting("PRAGMA foreign_keys"), "1");
  EXPECT_EQ(setting("PRAGMA wal_autocheckpoint"), "0");
}

TEST_F(Sqlite, TheLogIsWrittenBackAndDoesNotGrowForever) {
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  const std::string body(64 * 1024, 'x');
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(Insert(*database, i, body));  // 25 MiB
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 12u << 20);
  EXPECT_EQ(Count(*database), 400);
}

TEST_F(Sqlite, ClosingLeavesOneFileWithEverything) {
  auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  ASSERT_TRUE(Insert(*database, 1));
  EXPECT_EQ(Count(*database), 1) << "opens a reading connection, too";
  database.reset();
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_EQ(Count(*Open()), 1);
}

TEST_F(Sqlite, MoreReadsAtOnceThanConnectionsKeptDoNotWait) {
  constexpr int kReads = 6;
  const auto database = Open({.readers_max = 2});
  ASSERT_TRUE(MakeTable(*database));
  std::latch all_inside(kReads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kReads; ++i) {
    threads.emplace_back([&] {
      EXPECT_TRUE(database->Read([&](Reader& reader) {
        all_inside.arrive_and_wait();
        return reader.Query("SELECT count(*) FROM items", [](const Row&) {});
      }));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Sqlite, TextsThatAreNoLiteralsAreNotMixedUp) {
  const auto database = Open();
  ASSERT_TRUE(database->InTransaction([](Transaction& tx) -> Expected<void> {
    std::string sql = "SELECT 1";
    for (char digit = '1'; digit <= '5'; ++digit) {
      sql.back() = digit;  // the same address and length, another statement
      std::int64_t value = 0;
      RETURN_IF_ERROR(tx.Query(sql, [&](const Row& row) { value = row.Int(0); }));
      EXPECT_EQ(value, digit - '0');
    }
    return {};
  }));
}

TEST_F(Sqlite, AFileThatIsNoDatabaseIsCorruptAndLeftAlone) {
  const std::string bytes(8192, 'x');
  std::ofstream(path_) << bytes;
  const auto opened = OpenSqlite({.path = path_}, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCorrupt);
  EXPECT_THAT(opened.error().message, HasSubstr(path_));
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), bytes);
}

TEST_F(Sqlite, AFolderThatIsMissingIsUnavailable) {
  const auto opened = OpenSqlite({.path = folder_.path() + "/absent/test.db"}, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kUnavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("absent/test.db"));
}

TEST_F(Sqlite, DamageFoundLaterIsCorrupt) {
  {
    const auto database = Open();
    ASSERT_TRUE(MakeTable(*database));
    const std::string body(100'000, 'x');
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Insert(*database, i, body));
  }
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);  // everything but the first page, which holds the schema
    file << std::string(60 * 4096, '\xee');
  }
  const auto database = Open();
  const auto read =
      database->Read([](Reader& reader) { return reader.Query("SELECT id, body FROM items", [](const Row&) {}); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kCorrupt);
}

// A full disk, played by a limit on the size of files: the kernel then refuses to write with EFBIG, which reaches
// SQLite's callers on the same way as ENOSPC.
class SqliteOnFullDisk : public Sqlite {
 protected:
  void SetUp() override {
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    ::signal(SIGXFSZ, SIG_IGN);
  }
  void TearDown() override { ::setrlimit(RLIMIT_FSIZE, &before_); }
  void LimitFilesTo(rlim_t bytes) {
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }

  rlimit before_{};
};

TEST_F(SqliteOnFullDisk, EveryCallerOfTheBatchHearsItAndTheDatabaseStaysUsable) {
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  ASSERT_TRUE(Insert(*database, 1));

  std::latch is_held(1);
  constexpr int kCallers = 5;
  std::thread holder([&] { HoldWriterUntil(*database, kCallers, is_held); });
  is_held.wait();
  std::vector<std::thread> callers;
  std::atomic<int> refused{0};
  LimitFilesTo(300 * 1024);
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      // Together too much, each one small enough.
      const auto done = Insert(*database, 10 + i, std::string(100 * 1024, 'x'));
      if (!done && done.error().code == Code::kExhausted) ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  holder.join();
  EXPECT_EQ(refused, kCallers);
  EXPECT_EQ(Count(*database), 1);

  EXPECT_TRUE(Insert(*database, 2)) << "a small one still fits";
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before_), 0);
  EXPECT_TRUE(Insert(*database, 3, std::string(1 << 20, 'x')));
  EXPECT_EQ(Count(*database), 3);
}

TEST_F(SqliteOnFullDisk, ATransactionTooLargeForTheCacheIsRolledBackAsAWhole) {
  const auto database = Open();
  ASSERT_TRUE(MakeTable(*database));
  LimitFilesTo(1 << 20);
  // More than the page cache holds, so SQLite writes in the middle of the transaction, fails there, and gives up all of
  // it by itself. Statements after that must not be committed one by one.
  const std::string body(8 << 20, 'x');
  const auto done = database->InTransaction([&](Transaction& tx) -> Expected<void> {
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(tx.Execute("INSERT INTO items (id, body) VALUES ($1, $2)", i, Blob{body}));
    }
    static_cast<void>(tx.Execute("INSERT INTO items (id) VALUES ($1)", 100));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kExhausted);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before_), 0);
  EXPECT_EQ(Count(*database), 0);
  EXPECT_TRUE(Insert(*database, 1));
}

using SqliteDeathTest = Sqlite;

TEST_F(SqliteDeathTest, WaitingForOneselfEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto database = OpenSqlite({.path = ":memory:"}, clock_);
        static_cast<void>((*database)->InTransaction([&](Transaction&) {
          return (*database)->InTransaction([](Transaction&) -> Expected<void> { return {}; });
        }));
      },
      "inside a transaction");
  EXPECT_DEATH(
      {
        auto database = OpenSqlite({.path = ":memory:"}, clock_);
        static_cast<void>((*database)->Read(
            [&](Reader&) { return (*database)->InTransaction([](Transaction&) -> Expected<void> { return {}; }); }));
      },
      "inside Read");
}

}  // namespace
}  // namespace firmsign::db
