// SPDX-License-Identifier: Apache-2.0

#include "platform/db/postgres.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "platform/db/postgres_connection.h"
#include "platform/db/postgres_notices.h"

namespace firmsign::db {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kBackoff{5};  // doubled with each attempt
constexpr std::chrono::seconds kAskTimeEvery{5};
constexpr std::chrono::milliseconds kAnswerMax{200};  // what took longer says little about the time now

// The database's clock, told by this machine's steady clock between two questions, so that asking costs nothing and a
// wrong wall clock of this machine does no harm. Thread safety: safe.
class DatabaseClock {
 public:
  Instant Now() const { return Instant{offset_.load(std::memory_order_relaxed) + SteadyMicros()}; }
  // Whether it is time to ask; true for one caller, and for the next only after the same time again.
  bool TakeTurn() {
    const std::int64_t now = SteadyMicros();
    std::int64_t next = next_.load(std::memory_order_relaxed);
    return now >= next && next_.compare_exchange_strong(next, now + kAskEveryMicros, std::memory_order_relaxed);
  }
  // `asked_at`: SteadyMicros() before the question was sent. Now() is behind by at most the time that the answer took,
  // and never ahead, so that no lease ends early for this process alone. An answer that took long is not used, except
  // the first.
  void Set(std::int64_t database_micros, std::int64_t asked_at) {
    const std::int64_t answered_at = SteadyMicros();
    if (offset_.load(std::memory_order_relaxed) != 0 && answered_at - asked_at > kAnswerMaxMicros) return;
    offset_.store(database_micros - answered_at, std::memory_order_relaxed);
  }
  static std::int64_t SteadyMicros() {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch()).count();
  }

 private:
  static constexpr std::int64_t kAnswerMaxMicros = std::chrono::microseconds(kAnswerMax).count();
  static constexpr std::int64_t kAskEveryMicros = std::chrono::microseconds(kAskTimeEvery).count();
  std::atomic<std::int64_t> offset_{0};
  std::atomic<std::int64_t> next_{0};
};

class PgReader final : public Reader {
 public:
  PgReader(PgConnection& connection, bool only_one) : connection_(connection), only_one_(only_one) {}

  Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters, const OnRow& on_row) override {
    if (failed_) return std::unexpected(failed_->error);
    if (only_one_ && has_run_) return Fail(Code::kInternal, "a second query in ReadOne: " + std::string(sql));
    has_run_ = true;
    auto ran = connection_.Run(sql, parameters, on_row ? &on_row : nullptr);
    if (ran) return {};
    failed_ = std::move(ran).error();
    if (failed_->sqlstate == "25006") failed_->error.code = Code::kInternal;  // a reader may not write
    return std::unexpected(failed_->error);
  }

  bool has_run() const { return has_run_; }
  const std::optional<PostgresError>& failed() const { return failed_; }

 private:
  PgConnection& connection_;
  const bool only_one_;
  bool has_run_ = false;
  std::optional<PostgresError> failed_;
};

class PgTransaction final : public Transaction {
 public:
  explicit PgTransaction(PgConnection& connection) : connection_(connection) {}

  Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters, const OnRow& on_row) override {
    RETURN_IF_ERROR(Run(sql, parameters, on_row ? &on_row : nullptr));
    return {};
  }
  Expected<std::int64_t> ExecuteStatement(std::string_view sql, std::span<const Parameter> parameters) override {
    return Run(sql, parameters, nullptr);
  }
  Expected<void> PostStatement(std::string_view sql, std::span<const Parameter> parameters, Expects expects) override {
    if (failed_) return std::unexpected(failed_->error);
    has_run_ = true;
    return Remember(connection_.Post(sql, parameters, expects));
  }
  Expected<void> ExecuteOnce(std::string_view sql) override {
    if (failed_) return std::unexpected(failed_->error);
    has_run_ = true;
    return Remember(connection_.RunOnce(sql));
  }
  Dialect Types() const override { return {.integer = "BIGINT", .text = "TEXT COLLATE \"C\"", .bytes = "BYTEA"}; }

  Expected<void> LockSchema() override {
    // Any fixed number; it is nobody else's as long as the database is Firmsign's.
    return QueryRows("SELECT pg_advisory_xact_lock(4702394921427289928) IS NULL", {}, {});
  }

  Expected<void> Nested(const std::function<Expected<void>(Transaction&)>& part) override {
    if (failed_) return std::unexpected(failed_->error);
    const std::size_t asked_before = after_commit_.size();
    has_run_ = true;
    // Savepoints nest under one name: a statement means the innermost of that name.
    RETURN_IF_ERROR(Remember(connection_.RunOnce("SAVEPOINT part")));
    Expected<void> result = part(*this);
    if (result && failed_) result = std::unexpected(failed_->error);
    if (result) {
      // Here also shows what the part posted.
      result = Remember(connection_.RunOnce("RELEASE part"));
      if (result) return {};
    } else {
      connection_.Settle();
    }
    after_commit_.resize(asked_before);
    // A conflict with another transaction is cured by running all of this again, not by going on without the part.
    if (failed_ && (failed_->is_broken || failed_->is_conflict)) return result;
    failed_.reset();
    RETURN_IF_ERROR(Remember(connection_.RunOnce("ROLLBACK TO part")));
    RETURN_IF_ERROR(Remember(connection_.RunOnce("RELEASE part")));
    return result;
  }

  bool has_run() const { return has_run_; }
  const std::optional<PostgresError>& failed() const { return failed_; }
  std::vector<std::function<void()>> TakeAfterCommit() { return std::move(after_commit_); }

 private:
  Expected<std::int64_t> Run(std::string_view sql, std::span<const Parameter> parameters, const OnRow* on_row) {
    if (failed_) return std::unexpected(failed_->error);
    has_run_ = true;
    return Remember(connection_.Run(sql, parameters, on_row));
  }

  template <class T>
  Expected<T> Remember(PgExpected<T> result) {
    if (result) {
      if constexpr (std::is_void_v<T>) {
        return {};
      } else {
        return *std::move(result);
      }
    }
    failed_ = std::move(result).error();
    return std::unexpected(failed_->error);
  }

  PgConnection& connection_;
  bool has_run_ = false;
  std::optional<PostgresError> failed_;
};

class Postgres final : public PostgresDatabase {
 public:
  explicit Postgres(PostgresOptions options) : options_(std::move(options)) {}

  Expected<void> Start() {
    auto connection = PgConnection::Open(options_, &counters_);
    if (!connection) return std::unexpected(std::move(connection).error().error);
    ++open_;
    if (auto asked = AskTime(**connection); !asked) return std::unexpected(std::move(asked).error().error);
    GiveBack(*std::move(connection));
    return {};
  }

  Expected<void> InTransaction(const Work& work) override {
    std::chrono::milliseconds backoff = kBackoff;
    for (int attempt = 1;; ++attempt) {
      Attempt tried = Try(work);
      if (tried.result) {
        for (const auto& then : tried.after_commit) then();
        return {};
      }
      if (!tried.may_run_again || attempt == kAttempts) return tried.result;
      std::this_thread::sleep_for(backoff);
      backoff *= 2;
    }
  }

  Expected<void> Read(const ReadWork& work) override { return ReadWith(Snapshot::kShared, work); }
  Expected<void> ReadOne(const ReadWork& work) override { return ReadWith(Snapshot::kOwn, work); }

  void Notify(std::string_view topic) override { notices_.Notify(topic); }
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) override {
    return notices_.Listen(std::move(topic), std::move(listener));
  }

  Instant Now() const override { return clock_.Now(); }

  Expected<std::int64_t> CountListeners() override {
    std::int64_t count = 0;
    RETURN_IF_ERROR(ReadOne([&](Reader& reader) {
      return reader.Query(
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 4702394 AND objsubid = "
          "2 "
          "AND objid::bigint = (hashtext(current_schema())::bigint & 4294967295) "
          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
          [&](const Row& row) { count = row.Int(0); });
    }));
    return count;
  }

  PostgresStatistics Statistics() const override {
    return {.transactions = transactions_,
            .reads = reads_,
            .statements = counters_.statements,
            .round_trips = counters_.round_trips};
  }

 private:
  // Whether all queries see one snapshot, or the only one has its own.
  enum class Snapshot { kShared, kOwn };

  Expected<void> ReadWith(Snapshot snapshot, const ReadWork& work) {
    for (int attempt = 1;; ++attempt) {
      ++reads_;
      ASSIGN_OR_RETURN(std::unique_ptr<PgConnection> connection, Take());
      if (snapshot == Snapshot::kShared) connection->QueueBegin(Begin::kSnapshot);
      PgReader reader(*connection, snapshot == Snapshot::kOwn);
      Expected<void> result = work(reader);
      const bool is_broken = reader.failed() && reader.failed()->is_broken;
      if (!reader.has_run()) {
        connection->Unqueue();
      } else if (snapshot == Snapshot::kShared) {
        connection->Leave();
      }
      GiveBack(std::move(connection));
      if (!is_broken || attempt == kAttempts) return result;
    }
  }

  struct Attempt {
    Expected<void> result;
    bool may_run_again = false;
    std::vector<std::function<void()>> after_commit;
  };

  Attempt Try(const Work& work) {
    auto taken = Take();
    if (!taken) return {.result = std::unexpected(std::move(taken).error()), .after_commit = {}};
    std::unique_ptr<PgConnection> connection = *std::move(taken);
    ++transactions_;
    connection->QueueBegin(Begin::kWriting);
    PgTransaction transaction(*connection);
    Attempt attempt{.result = work(transaction), .after_commit = {}};
    if (transaction.failed()) {
      const PostgresError& failed = *transaction.failed();
      if (attempt.result) attempt.result = std::unexpected(failed.error);
      attempt.may_run_again = failed.is_conflict || failed.is_broken;
    }
    if (!transaction.has_run()) {
      connection->Unqueue();
    } else if (!attempt.result) {
      connection->Leave();
    } else if (auto committed = connection->Commit(); !committed) {
      // Of a posted statement or of the COMMIT: while the connection lives, nothing of it has happened.
      const PostgresError& failed = committed.error();
      attempt.may_run_again = failed.is_conflict;
      attempt.result = std::unexpected(failed.error);
      if (failed.is_broken) {
        attempt.result.error() = {.code = Code::kUnavailable,
                                  .message = "the transaction may or may not have happened: " + failed.error.message};
      } else {
        connection->Leave();
      }
    }
    if (attempt.result) attempt.after_commit = transaction.TakeAfterCommit();
    GiveBack(std::move(connection));
    return attempt;
  }

  PgExpected<void> AskTime(PgConnection& connection) {
    const std::int64_t asked_at = DatabaseClock::SteadyMicros();
    std::int64_t micros = 0;
    const OnRow read = [&](const Row& row) { micros = row.Int(0); };
    auto ran = connection.Run("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", {}, &read);
    if (!ran) return std::unexpected(std::move(ran).error());
    clock_.Set(micros, asked_at);
    return {};
  }

  Expected<std::unique_ptr<PgConnection>> Take() {
    std::unique_ptr<PgConnection> connection;
    {
      std::unique_lock lock(mutex_);
      const auto is_free = [this] { return !idle_.empty() || open_ < options_.connections_max; };
      if (!connection_waits_.wait_for(lock, options_.connection_wait_max, is_free)) {
        return Fail(Code::kUnavailable, "all connections to PostgreSQL are busy");
      }
      if (idle_.empty()) {
        ++open_;
      } else {
        connection = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!connection) {
      auto opened = PgConnection::Open(options_, &counters_);
      if (!opened) {
        GiveBack(nullptr);
        Error error = std::move(opened).error().error;
        error.code = Code::kUnavailable;  // it was open once, so this passes
        return std::unexpected(std::move(error));
      }
      connection = *std::move(opened);
    }
    // Not inside a transaction, where it would hold a snapshot of the past.
    if (clock_.TakeTurn()) static_cast<void>(AskTime(*connection));
    return connection;
  }

  // nullptr: a connection that could not be opened. A broken one is closed, and so are the others, which the end of a
  // server breaks, too: each next caller would else fail once.
  void GiveBack(std::unique_ptr<PgConnection> connection) {
    std::vector<std::unique_ptr<PgConnection>> closing;
    {
      const std::lock_guard lock(mutex_);
      if (!connection) {
        --open_;
      } else if (!connection->is_broken()) {
        idle_.push_back(std::move(connection));
      } else {
        open_ -= 1 + idle_.size();
        closing.swap(idle_);
      }
    }
    // One connection is for one who waits; where several places became free, all may look.
    if (closing.empty()) {
      connection_waits_.notify_one();
    } else {
      connection_waits_.notify_all();
    }
  }

  const PostgresOptions options_;
  PgCounters counters_;
  std::atomic<std::int64_t> transactions_{0};
  std::atomic<std::int64_t> reads_{0};
  PgNotices notices_{options_};
  DatabaseClock clock_;
  std::mutex mutex_;
  std::condition_variable connection_waits_;
  std::vector<std::unique_ptr<PgConnection>> idle_;
  std::size_t open_ = 0;  // in use and idle
};

}  // namespace

Expected<std::unique_ptr<PostgresDatabase>> OpenPostgres(const PostgresOptions& options) {
  CHECK(options.connections_max > 0);
  auto database = std::make_unique<Postgres>(options);
  RETURN_IF_ERROR(database->Start());
  return database;
}

}  // namespace firmsign::db
