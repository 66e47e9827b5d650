// SPDX-License-Identifier: Apache-2.0
//
// What only PostgreSQL does: connections that break, servers that do not fit, transactions that meet. What every
// database has to do is in database_test.cc.

#include "platform/db/postgres.h"

#include <gmock/gmock.h>

#include <sys/types.h>
#include <csignal>

#include <latch>
#include <thread>

#include "platform/db/testing/calls.h"
#include "platform/db/testing/cutter.h"
#include "platform/db/testing/databases.h"

namespace firmsign::db {
namespace {

using ::testing::HasSubstr;

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::PostgresUrl() == nullptr) {
      GTEST_SKIP() << "FIRMSIGN_TEST_POSTGRES names no server; ./test unit starts one";
    }
    schema_ = std::make_unique<testing::PostgresSchema>();
    database_ = Open();
    ASSERT_TRUE(Run("CREATE TABLE items (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)"));
    ASSERT_TRUE(Run("INSERT INTO items VALUES (1, 0), (2, 0)"));
  }

  std::unique_ptr<PostgresDatabase> Open(PostgresOptions options = {}) const {
    options.schema = schema_->name();
    // By which CutConnections tells them from those of other tests on the same server.
    options.url = std::string(testing::PostgresUrl()) + "&application_name=" + options.schema;
    auto opened = OpenPostgres(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  Expected<void> Run(std::string_view sql) const {
    return database_->InTransaction([&](Transaction& tx) { return tx.ExecuteOnce(sql); });
  }

  static Expected<std::int64_t> Ask(Database& database, std::string_view sql) {
    std::int64_t answer = 0;
    RETURN_IF_ERROR(
        database.Read([&](Reader& reader) { return reader.Query(sql, [&](const Row& row) { answer = row.Int(0); }); }));
    return answer;
  }

  // Cuts every connection of this test's databases, and waits until the server has closed them.
  void CutConnections() const {
    const auto other = Open();
    ASSERT_TRUE(
        Ask(*other,
            "SELECT count(pg_terminate_backend(pid, 20000)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "application_name = current_setting('application_name')"));
  }

  static Code CodeOfOpening(const std::string& url) {
    const auto opened = OpenPostgres({.url = url, .schema = {}});
    EXPECT_FALSE(opened);
    return opened ? Code::kInternal : opened.error().code;
  }

  std::unique_ptr<testing::PostgresSchema> schema_;
  std::unique_ptr<PostgresDatabase> database_;
};
using PostgresConcurrency = Postgres;

TEST_F(Postgres, ReplacesConnectionsThatWereCut) {
  CutConnections();
  const auto read = Ask(*database_, "SELECT count(*) FROM items");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, 2);
  CutConnections();
  EXPECT_TRUE(Run("UPDATE items SET value = 7 WHERE id = 1"));
}

TEST_F(Postgres, NoticesAServerThatIsGoneWhenATransactionIsLeft) {
  // Whether the server ended the connection in order, or was itself shut down at once.
  for (const bool is_cut : {false, true}) {
    testing::Cutter cutter;
    const auto one = OpenPostgres({.url = cutter.url() + "&application_name=" + schema_->name(),
                                   .schema = schema_->name(),
                                   .connections_max = 1});
    ASSERT_TRUE(one) << one.error().message;
    for (int i = 0; i < 3; ++i) {
      // The rollback is sent to nobody; whoever takes the connection next reads what came of it.
      const auto left = (*one)->InTransaction([&](Transaction& tx) -> Expected<void> {
        RETURN_IF_ERROR(tx.Query("SELECT 1", [](const Row&) {}));
        if (is_cut) {
          cutter.Cut();
        } else {
          CutConnections();
        }
        return Fail(Code::kConflict, "given up");
      });
      EXPECT_EQ(left.error().code, Code::kConflict);
      const auto read = Ask(**one, "SELECT count(*) FROM items");
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(*read, 2);
    }
  }
}

TEST_F(Postgres, DoesNotWaitForEverForAServerThatIsStopped) {
  const auto one = Open({.connections_max = 1, .statement_max = std::chrono::seconds(1)});
  const auto backend = Ask(*one, "SELECT pg_backend_pid()");
  ASSERT_TRUE(backend);
  ASSERT_EQ(kill(static_cast<pid_t>(*backend), SIGSTOP), 0);
  const auto read = Ask(*one, "SELECT count(*) FROM items");
  EXPECT_EQ(kill(static_cast<pid_t>(*backend), SIGCONT), 0);
  ASSERT_TRUE(read) << read.error().message;  // over another connection
  EXPECT_EQ(*read, 2);
}

TEST_F(Postgres, RunsATransactionAgainWhoseConnectionWasCut) {
  int runs = 0;
  const auto done = database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    ++runs;
    RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = value + 1 WHERE id = 1"));
    if (runs == 1) CutConnections();
    RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = value + 1 WHERE id = 2"));
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(*Ask(*database_, "SELECT value FROM items WHERE id = 1"), 1) << "the first run left nothing";
}

TEST_F(PostgresConcurrency, TransactionsThatBlockEachOtherBothHappen) {
  // Each holds one row and wants the other's: PostgreSQL ends one of them, which is then run again.
  std::latch both_hold_one(2);
  std::atomic<int> runs{0};
  const auto add = [&](int first, int second) {
    bool is_first_run = true;
    const auto done = database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      ++runs;
      RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = value + 1 WHERE id = $1", first));
      if (is_first_run) both_hold_one.arrive_and_wait();
      is_first_run = false;
      RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = value + 1 WHERE id = $1", second));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
  };
  std::thread one(add, 1, 2);
  std::thread other(add, 2, 1);
  one.join();
  other.join();
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(*Ask(*database_, "SELECT min(value) * 10 + max(value) FROM items"), 22);
}

TEST_F(Postgres, ASnapshotDoesNotStayOpenAfterItsRead) {
  ASSERT_TRUE(Ask(*database_, "SELECT count(*) FROM items"));
  const auto other = Open();
  // The end of the read travels without being waited for.
  std::int64_t open = 1;
  for (int i = 0; i < 1000 && open != 0; ++i) {
    open = *Ask(*other,
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND pid <> "
                "pg_backend_pid() AND query LIKE '%FROM items%'");
  }
  EXPECT_EQ(open, 0);
}

TEST_F(Postgres, AllConnectionsBusyIsUnavailable) {
  const auto small = Open({.connections_max = 1, .connection_wait_max = std::chrono::seconds(0)});
  const auto done = small->InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = 1 WHERE id = 1"));
    EXPECT_EQ(Ask(*small, "SELECT 1").error().code, Code::kUnavailable);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(*Ask(*small, "SELECT value FROM items WHERE id = 1"), 1);
}

TEST_F(Postgres, AnAcknowledgedTransactionIsOnTheDisk) {
  ASSERT_TRUE(
      Run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"));
  const auto fresh = Open();
  EXPECT_EQ(*Ask(*fresh, "SELECT count(*) FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'on'"), 1);
  ASSERT_TRUE(
      Run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET synchronous_commit', current_database()); END $$"));
}

TEST_F(Postgres, SaysWhatIsWrongWithAServer) {
  const std::string url = testing::PostgresUrl();
  EXPECT_EQ(CodeOfOpening("postgresql://127.0.0.1:1/nothing"), Code::kUnavailable);
  EXPECT_EQ(CodeOfOpening("postgresql:///?nonsense=1"), Code::kInvalid);
  // What libpq would take for a host or a port may be a part of the password, so it is not repeated.
  for (const char* slip : {"postgres://u:pa/ss@h/db", "postgres://u:p@ss@h/db", "postgres://u:p%zz@h/db"}) {
    const auto opened = OpenPostgres({.url = slip, .schema = {}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kInvalid) << slip;
    EXPECT_THAT(opened.error().message, HasSubstr("write postgres://USER@HOST/NAME"));
  }
  EXPECT_EQ(CodeOfOpening(url + "&dbname=nowhere"), Code::kInvalid);
  EXPECT_EQ(CodeOfOpening(url + "&user=nobody-there"), Code::kDenied);
}

TEST_F(Postgres, RefusesTextThatItCannotKeep) {
  const auto insert = [&](std::string_view text) {
    return database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(tx.Execute("UPDATE items SET value = 1 WHERE $1 = 'x'", text));
      return {};
    });
  };
  EXPECT_TRUE(insert("x"));
  EXPECT_EQ(insert(std::string_view("a\0b", 3)).error().code, Code::kInvalid);
  EXPECT_EQ(insert("\xff").error().code, Code::kInvalid);
}

TEST_F(Postgres, AColumnThatIsNeitherNumberTextNorBytesIsAnInternalError) {
  const auto read = Ask(*database_, "SELECT now()");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kInternal);
  EXPECT_THAT(read.error().message, HasSubstr("neither number, text nor bytes"));
}

TEST_F(Postgres, ANoticeReachesAnotherProcessAlsoAfterTheConnectionWasCut) {
  testing::Calls heard;
  const auto listener = Open();
  EXPECT_EQ(*database_->CountListeners(), 0);
  const auto listening = listener->Listen("topic", [&] { heard.Add(); });
  EXPECT_EQ(*database_->CountListeners(), 1) << "from the start";
  ASSERT_TRUE(heard.Await(1)) << "once it hears: something may have been missed";
  database_->Notify("another topic");
  database_->Notify("topic");
  ASSERT_TRUE(heard.Await(2));
  CutConnections();
  ASSERT_TRUE(heard.Await(3)) << "again connected";
  database_->Notify("topic");
  ASSERT_TRUE(heard.Await(4));
}

TEST_F(PostgresConcurrency, SkipLockedPassesOverWhatAnotherTransactionHolds) {
  const auto other = Open();
  std::int64_t first = 0;
  std::int64_t second = 0;
  constexpr std::string_view kNext = "SELECT id FROM items ORDER BY id LIMIT 1 {SKIP LOCKED}";
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Query(kNext, [&](const Row& row) { first = row.Int(0); }));
    return other->InTransaction(
        [&](Transaction& inner) { return inner.Query(kNext, [&](const Row& row) { second = row.Int(0); }); });
  }));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST_F(Postgres, ATransactionOfPostedStatementsIsOneRoundTrip) {
  const auto write = [&](std::int64_t id) {
    return database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(tx.Post("INSERT INTO items VALUES ($1, 0)", id));
      RETURN_IF_ERROR(tx.PostChange("UPDATE items SET value = value + 1 WHERE id = $1", id));
      return tx.Post("DELETE FROM items WHERE id = $1", -1);
    });
  };
  ASSERT_TRUE(write(10)) << "statements are prepared once";
  const PostgresStatistics before = database_->Statistics();
  ASSERT_TRUE(write(11));
  const PostgresStatistics after = database_->Statistics();
  EXPECT_EQ(after.round_trips - before.round_trips, 1);
  EXPECT_EQ(after.statements - before.statements, 3);
  EXPECT_EQ(after.transactions - before.transactions, 1);
  const PostgresStatistics before_read = database_->Statistics();
  ASSERT_TRUE(Ask(*database_, "SELECT count(*) FROM items"));
  ASSERT_TRUE(Ask(*database_, "SELECT count(*) FROM items"));
  // One to prepare it, one for each reading.
  EXPECT_LE(database_->Statistics().round_trips - before_read.round_trips, 3);
  EXPECT_EQ(database_->Statistics().reads - before_read.reads, 2);
}

}  // namespace
}  // namespace firmsign::db
