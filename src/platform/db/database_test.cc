// SPDX-License-Identifier: Apache-2.0
//
// What every database has to do, one body of tests over each driver. What only SQLite does is in sqlite_test.cc.

#include "platform/db/database.h"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <latch>
#include <thread>

#include "platform/db/testing/calls.h"
#include "platform/db/testing/contract.h"

namespace firmsign::db {
namespace {

using testing::DatabaseContract;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kInsert;

INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseContract, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(DatabaseContract, AnAcknowledgedTransactionIsSeenByEveryLaterRead) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Insert(i, "n" + std::to_string(i)));
    ASSERT_EQ(Names().size(), static_cast<std::size_t>(i) + 1);
  }
}

TEST_P(DatabaseContract, AFailedTransactionLeavesNothing) {
  const auto failed = database_->InTransaction([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute(kInsert, 1, "one"));
    return Fail(Code::kDenied, "changed my mind");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kDenied);
  EXPECT_EQ(failed.error().message, "changed my mind");
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(DatabaseContract, ATransactionSeesWhatItWrote) {
  std::string seen;
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute(kInsert, 1, "one"));
    return tx.Query("SELECT name FROM items WHERE id = $1", [&](const Row& row) { seen = row.String(0); }, 1);
  }));
  EXPECT_EQ(seen, "one");
}

TEST_P(DatabaseContract, ExecuteTellsHowManyRowsItChanged) {
  ASSERT_TRUE(database_->InTransaction([](Transaction& tx) -> Expected<void> {
    EXPECT_EQ(*tx.Execute("INSERT INTO items (id, name) VALUES ($1, $2), ($3, $4)", 1, "a", 2, "b"), 2);
    EXPECT_EQ(*tx.Execute("UPDATE items SET body = NULL WHERE id = $1", 7), 0);
    EXPECT_EQ(*tx.Execute("UPDATE items SET body = NULL WHERE id > $1", 0), 2);
    EXPECT_EQ(*tx.Execute("INSERT INTO items (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", 1, "c"), 0);
    EXPECT_EQ(*tx.Execute("INSERT INTO items (id, name) VALUES ($1, $2) "
                          "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                          1, "c"),
              1);
    EXPECT_EQ(*tx.Execute("CREATE TABLE another (id BIGINT)"), 0);
    EXPECT_EQ(*tx.Execute("DELETE FROM items"), 2);
    return {};
  }));
}

TEST_P(DatabaseContract, AStatementThatWritesMayReturnRows) {
  std::vector<std::int64_t> ids;
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) {
    ids.clear();
    return tx.Query(
        "INSERT INTO items (id, name) VALUES ($1, $2), ($3, $4) RETURNING id",
        [&](const Row& row) { ids.push_back(row.Int(0)); }, 5, "five", 6, "six");
  }));
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre(5, 6));
  EXPECT_THAT(Names(), ElementsAre("five", "six"));
}

TEST_P(DatabaseContract, ABrokenConstraintIsAConflict) {
  ASSERT_TRUE(Insert(1, "one"));
  EXPECT_EQ(Insert(1, "other").error().code, Code::kConflict) << "primary key";
  EXPECT_EQ(Insert(2, "one").error().code, Code::kConflict) << "unique";
  EXPECT_EQ(Insert(-1, "minus").error().code, Code::kConflict) << "check";
  EXPECT_THAT(Names(), ElementsAre("one"));
}

TEST_P(DatabaseContract, ABadStatementIsAnInternalErrorThatQuotesIt) {
  const auto failed =
      database_->Read([](Reader& reader) { return reader.Query("SELECT nonsense FROM nowhere", [](const Row&) {}); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kInternal);
  EXPECT_THAT(failed.error().message, HasSubstr("SELECT nonsense"));
}

TEST_P(DatabaseContract, AStatementWithTheWrongNumberOfParametersIsAnInternalError) {
  for (const bool too_many : {false, true}) {
    const auto failed = database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(too_many ? tx.Execute(kInsert, 1, "one", "more") : tx.Execute(kInsert, 1));
      return {};
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::kInternal);
  }
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(DatabaseContract, AReaderCannotWrite) {
  const auto failed = database_->Read([](Reader& reader) {
    return reader.Query("INSERT INTO items (id) VALUES ($1) RETURNING id", [](const Row&) {}, 1);
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kInternal);
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(DatabaseContract, AfterAFailedStatementTheTransactionIsLost) {
  // As PostgreSQL has it. A store that goes on after an error would work on one database only.
  ASSERT_TRUE(Insert(1, "one"));
  const auto failed = database_->InTransaction([](Transaction& tx) -> Expected<void> {
    EXPECT_TRUE(tx.Execute(kInsert, 2, "two"));
    EXPECT_EQ(tx.Execute(kInsert, 1, "again").error().code, Code::kConflict);
    EXPECT_FALSE(tx.Execute(kInsert, 3, "three"));
    EXPECT_FALSE(tx.Query("SELECT id FROM items", [](const Row&) {}));
    EXPECT_FALSE(tx.Nested([](Transaction&) -> Expected<void> { return {}; }));
    return {};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kConflict);
  EXPECT_THAT(Names(), ElementsAre("one"));
}

TEST_P(DatabaseContract, TellsWhatHasHappenedAndNothingElse) {
  std::vector<std::string> told;
  const auto tell = [&](const std::string& what) { return [&told, what] { told.push_back(what); }; };
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    tx.AfterCommit(tell("first"));
    EXPECT_FALSE(tx.Nested([&](Transaction& part) -> Expected<void> {
      part.AfterCommit(tell("undone"));
      return Fail(Code::kConflict, "no");
    }));
    RETURN_IF_ERROR(tx.Nested([&](Transaction& part) -> Expected<void> {
      part.AfterCommit(tell("nested"));
      return {};
    }));
    EXPECT_EQ(told.size(), 0U) << "nothing is durable yet";
    return {};
  }));
  EXPECT_EQ(told, (std::vector<std::string>{"first", "nested"}));
  EXPECT_FALSE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    tx.AfterCommit(tell("failed"));
    return Fail(Code::kConflict, "no");
  }));
  EXPECT_EQ(told.size(), 2U);
}

TEST_P(DatabaseContract, ANestedPartFailsAlone) {
  ASSERT_TRUE(database_->InTransaction([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute(kInsert, 1, "one"));
    const auto refused = tx.Nested([](Transaction& part) -> Expected<void> {
      RETURN_IF_ERROR(part.Execute(kInsert, 2, "two"));
      return Fail(Code::kDenied, "no");
    });
    EXPECT_EQ(refused.error().code, Code::kDenied);
    const auto broken = tx.Nested([](Transaction& part) -> Expected<void> {
      RETURN_IF_ERROR(part.Execute(kInsert, 3, "three"));
      EXPECT_FALSE(part.Execute(kInsert, 1, "again"));
      return {};  // forgetting the failure does not make it good
    });
    EXPECT_EQ(broken.error().code, Code::kConflict);
    RETURN_IF_ERROR(tx.Nested([](Transaction& part) -> Expected<void> {
      RETURN_IF_ERROR(part.Execute(kInsert, 4, "four"));
      EXPECT_FALSE(part.Nested([](Transaction& inner) -> Expected<void> {
        RETURN_IF_ERROR(inner.Execute(kInsert, 5, "five"));
        return Fail(Code::kDenied, "no");
      }));
      return {};
    }));
    RETURN_IF_ERROR(tx.Execute(kInsert, 6, "six"));
    return {};
  }));
  EXPECT_THAT(Names(), ElementsAre("one", "four", "six"));
}

TEST_P(DatabaseContract, BytesComeBackAsTheyWent) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string large(3 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761u >> 13);
  const std::array<std::string, 4> bodies{"", std::string(1, '\0'), all, large};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(
          tx.Execute("INSERT INTO items (id, body) VALUES ($1, $2)", static_cast<std::int64_t>(i), Blob{bodies[i]}));
      return {};
    }));
  }
  std::size_t next = 0;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    next = 0;
    return reader.Query("SELECT body FROM items ORDER BY id", [&](const Row& row) {
      EXPECT_FALSE(row.IsNull(0)) << next;
      EXPECT_TRUE(row.Text(0) == bodies[next]) << next;
      ++next;
    });
  }));
  EXPECT_EQ(next, bodies.size());
}

TEST_P(DatabaseContract, NullIsNeitherZeroNorEmpty) {
  ASSERT_TRUE(database_->InTransaction([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute("INSERT INTO items (id, name, body) VALUES ($1, $2, $3)", 0, std::string_view(),
                               Blob{std::string_view()}));
    RETURN_IF_ERROR(
        tx.Execute("INSERT INTO items (id, name, body) VALUES ($1, $2, $3)", 1, nullptr, std::optional<std::string>()));
    return {};
  }));
  std::vector<bool> nulls;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    nulls.clear();
    return reader.Query("SELECT name, body FROM items ORDER BY id", [&](const Row& row) {
      nulls.push_back(row.IsNull(0));
      nulls.push_back(row.IsNull(1));
      EXPECT_EQ(row.Text(0), "");
      EXPECT_EQ(row.Text(1), "");
      EXPECT_EQ(row.OptionalString(0).has_value(), !row.IsNull(0));
    });
  }));
  EXPECT_THAT(nulls, ElementsAre(false, false, true, true));
}

TEST_P(DatabaseContract, NumbersHave64Bits) {
  constexpr std::int64_t kLargest = INT64_MAX;
  ASSERT_TRUE(Insert(kLargest, "largest"));
  std::int64_t id = 0;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    return reader.Query("SELECT id FROM items WHERE id = $1", [&](const Row& row) { id = row.Int(0); }, kLargest);
  }));
  EXPECT_EQ(id, kLargest);
}

TEST_P(DatabaseContract, TextSortsByItsBytes) {
  int id = 0;
  for (const char* name : {"b", "a", "B", "\xC3\xA4", "a b", "a-b"}) ASSERT_TRUE(Insert(id++, name));
  std::vector<std::string> names;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    names.clear();
    return reader.Query("SELECT name FROM items ORDER BY name",
                        [&](const Row& row) { names.push_back(row.String(0)); });
  }));
  EXPECT_THAT(names, ElementsAre("B", "a", "a b", "a-b", "b", "\xC3\xA4"));
}

TEST_P(DatabaseContract, AParameterMayBeUsedTwice) {
  ASSERT_TRUE(Insert(1, "1"));
  std::string found;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    return reader.Query(
        "SELECT name FROM items WHERE name = $1 OR (id = $2 AND name = $1)",
        [&](const Row& row) { found = row.String(0); }, "1", 1);
  }));
  EXPECT_EQ(found, "1");
}

TEST_P(DatabaseContract, OneStatementMayRunInsideItself) {
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(Insert(i, std::string(static_cast<std::size_t>(i), 'x')));
  constexpr std::string_view kNext = "SELECT id FROM items WHERE id > $1 ORDER BY id";
  std::vector<std::int64_t> visited;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    visited.clear();
    return reader.Query(
        kNext,
        [&](const Row& outer) {
          const std::int64_t id = outer.Int(0);
          visited.push_back(id);
          EXPECT_TRUE(reader.Query(kNext, [&](const Row& inner) { visited.push_back(10 * inner.Int(0)); }, id));
        },
        0);
  }));
  EXPECT_THAT(visited, ElementsAre(1, 20, 30, 2, 30, 3));
}

TEST_P(DatabaseContract, AcknowledgedTransactionsSurviveReopening) {
  if (!GetParam()->is_durable) GTEST_SKIP() << "a database in memory does not survive";
  ASSERT_TRUE(Insert(1, "one"));
  ASSERT_TRUE(Insert(2, "two"));
  Open();
  EXPECT_THAT(Names(), ElementsAre("one", "two"));
}

TEST_P(DatabaseContract, AReadSeesOneStateWhileOthersWrite) {
  if (!GetParam()->has_snapshots) GTEST_SKIP() << "here a read makes the writer wait";
  ASSERT_TRUE(Insert(1, "one"));
  ASSERT_TRUE(database_->Read([&](Reader& reader) -> Expected<void> {
    const auto count = [&] {
      std::int64_t rows = -1;
      EXPECT_TRUE(reader.Query("SELECT count(*) FROM items", [&](const Row& row) { rows = row.Int(0); }));
      return rows;
    };
    const std::int64_t before = count();
    std::thread([&] { EXPECT_TRUE(Insert(before + 1, "n" + std::to_string(before))); }).join();
    EXPECT_EQ(count(), before);
    return {};
  }));
  EXPECT_GE(Names().size(), 2U);
}

TEST_P(DatabaseContract, TheDatabaseTellsTheTime) { EXPECT_GE(database_->Now(), clock_.Now()); }

using DatabaseConcurrency = DatabaseContract;
INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseConcurrency, ::testing::ValuesIn(testing::Backends()),
                         [](const auto& context) { return std::string(context.param->name); });

TEST_P(DatabaseConcurrency, NoIncrementOfManyThreadsIsLost) {
  constexpr int kThreads = 64;
  constexpr int kRounds = 40;
  ASSERT_TRUE(Insert(0, "counter"));
  ASSERT_TRUE(database_->InTransaction([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Execute("CREATE TABLE counters (id BIGINT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)"));
    RETURN_IF_ERROR(tx.Execute("INSERT INTO counters (id, value) VALUES (0, 0)"));
    return {};
  }));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        // Every fourth transaction changes the counter and then fails: none of these may count, nor harm a neighbour.
        const bool fails = (thread + round) % 4 == 0;
        std::int64_t mine = 0;
        const auto done = database_->InTransaction([&](Transaction& tx) -> Expected<void> {
          RETURN_IF_ERROR(tx.Query("UPDATE counters SET value = value + 1 WHERE id = 0 RETURNING value",
                                   [&](const Row& row) { mine = row.Int(0); }));
          if (fails) return Fail(Code::kDenied, "no");
          return {};
        });
        if (done.has_value() == fails) ++failures;
        if (fails) continue;
        std::int64_t seen = 0;
        const auto read = database_->Read([&](Reader& reader) {
          return reader.Query("SELECT value FROM counters WHERE id = 0", [&](const Row& row) { seen = row.Int(0); });
        });
        if (!read || seen < mine) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  std::int64_t value = 0;
  ASSERT_TRUE(database_->Read([&](Reader& reader) {
    return reader.Query("SELECT value FROM counters WHERE id = 0", [&](const Row& row) { value = row.Int(0); });
  }));
  EXPECT_EQ(value, kThreads * kRounds * 3 / 4);
}

TEST_P(DatabaseConcurrency, OfManyWhoInsertTheSameRowOneWins) {
  constexpr int kThreads = 16;
  std::atomic<int> winners{0};
  std::atomic<int> conflicts{0};
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      const auto done = Insert(1, "by " + std::to_string(thread));
      if (done) ++winners;
      if (!done && done.error().code == Code::kConflict) ++conflicts;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(conflicts, kThreads - 1);
}

TEST_P(DatabaseContract, ANoticeReachesWhoListensForItsTopic) {
  testing::Calls wanted, other;
  const auto listening = database_->Listen("wanted", [&] { wanted.Add(); });
  auto ended = database_->Listen("wanted", [&] { other.Add(); });
  ended.reset();
  const int before = other.count();
  // One may be lost while the listener is being set up.
  for (int i = 0; i < 100 && wanted.count() < 2; ++i) {
    database_->Notify("wanted");
    static_cast<void>(wanted.Await(i + 1));
  }
  EXPECT_TRUE(wanted.Await(2));
  EXPECT_EQ(other.count(), before) << "it listens no more";
}

TEST_P(DatabaseContract, SkipLockedIsPartOfAStatement) {
  ASSERT_TRUE(Insert(1, "one"));
  std::string name;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) {
      return tx.Query("SELECT name FROM items ORDER BY id LIMIT 1 {SKIP LOCKED}",
                      [&](const Row& row) { name = row.String(0); });
    }));
    EXPECT_EQ(name, "one");
  }
}

TEST_P(DatabaseContract, PostedStatementsAreDoneWithTheirTransaction) {
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 1, "one"));
    RETURN_IF_ERROR(tx.PostChange("UPDATE items SET name = $1 WHERE id = $2", "first", 1));
    // A statement that waits sees what was posted before it.
    std::int64_t count = 0;
    RETURN_IF_ERROR(
        tx.Query("SELECT count(*) FROM items WHERE name = 'first'", [&](const Row& row) { count = row.Int(0); }));
    EXPECT_EQ(count, 1);
    return tx.Post(kInsert, 2, "two");
  }));
  EXPECT_THAT(Names(), ElementsAre("first", "two"));
}

TEST_P(DatabaseContract, APostedStatementThatFailsUndoesItsTransactionAndNothingElse) {
  ASSERT_TRUE(Insert(1, "one"));
  const auto expect_conflict = [&](const Work& work) {
    const auto done = database_->InTransaction(work);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::kConflict) << done.error().message;
    EXPECT_THAT(Names(), ElementsAre("one"));
  };
  // At the end, in the middle, before a statement that waits, and before work that gives up by itself.
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 2, "two"));
    return tx.Post(kInsert, 1, "taken");
  });
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 1, "taken"));
    return tx.Post(kInsert, 2, "two");
  });
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 1, "taken"));
    return tx.Query("SELECT count(*) FROM items", [](const Row&) {});
  });
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 2, "two"));
    RETURN_IF_ERROR(tx.Post(kInsert, 1, "taken"));
    return Fail(Code::kConflict, "by itself");
  });
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 2, "two"));
    return tx.PostChange("UPDATE items SET name = 'x' WHERE id = $1", 7);
  });
  expect_conflict([](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.PostChange("INSERT INTO items (id, name) VALUES ($1, 'x') ON CONFLICT (id) DO NOTHING", 1));
    return tx.Post(kInsert, 2, "two");
  });
  // The connections are as good as before.
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Insert(10 + i, "later" + std::to_string(i)));
  EXPECT_THAT(Names(), ElementsAre("one", "later0", "later1", "later2"));
}

TEST_P(DatabaseContract, ANestedPartFailsWithWhatItPosted) {
  ASSERT_TRUE(database_->InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.Post(kInsert, 1, "one"));
    const auto part = tx.Nested([](Transaction& inner) -> Expected<void> {
      RETURN_IF_ERROR(inner.Post(kInsert, 2, "two"));
      return inner.Post(kInsert, 1, "taken");
    });
    EXPECT_EQ(part.error().code, Code::kConflict);
    return tx.Post(kInsert, 3, "three");
  }));
  EXPECT_THAT(Names(), ElementsAre("one", "three"));
}

TEST_P(DatabaseContract, ReadOneIsForOneQuery) {
  ASSERT_TRUE(Insert(1, "one"));
  std::string name;
  const auto query = [&](Reader& reader) {
    return reader.Query("SELECT name FROM items WHERE id = $1", [&](const Row& row) { name = row.String(0); }, 1);
  };
  for (int i = 0; i < 3; ++i) {
    name.clear();
    ASSERT_TRUE(database_->ReadOne(query));
    EXPECT_EQ(name, "one");
  }
  if (std::string_view(GetParam()->name) == "RunningTwice") return;  // which takes it for a Read
  const auto twice = database_->ReadOne([&](Reader& reader) -> Expected<void> {
    RETURN_IF_ERROR(query(reader));
    return query(reader);
  });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::kInternal);
  EXPECT_TRUE(database_->ReadOne(query));
}

}  // namespace
}  // namespace firmsign::db
