// SPDX-License-Identifier: Apache-2.0

#include "platform/db/sqlite.h"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"
#include "platform/db/notices.h"
#include "platform/db/sqlite_connection.h"
#include "platform/db/sqlite_writer.h"

namespace firmsign::db {
namespace {

// The database whose Read is running on this thread, to find calls that would wait for themselves.
thread_local const void* reading_database = nullptr;

class ReadingMark {
 public:
  explicit ReadingMark(const void* database) : before_(std::exchange(reading_database, database)) {}
  ReadingMark(const ReadingMark&) = delete;
  ReadingMark& operator=(const ReadingMark&) = delete;
  ~ReadingMark() { reading_database = before_; }

 private:
  const void* before_;
};

class SnapshotReader final : public Reader {
 public:
  SnapshotReader(Connection& connection, bool only_one) : connection_(connection), only_one_(only_one) {}
  Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters, const OnRow& on_row) override {
    if (only_one_ && std::exchange(has_run_, true)) {
      return Fail(Code::kInternal, "a second query in ReadOne: " + std::string(sql));
    }
    RETURN_IF_ERROR(connection_.Run(sql, parameters, on_row ? &on_row : nullptr, Access::kReadOnly));
    return {};
  }

 private:
  Connection& connection_;
  const bool only_one_;
  bool has_run_ = false;
};

// A connection that only reads, with the statements around a snapshot prepared.
struct SnapshotConnection {
  std::unique_ptr<Connection> connection;  // outlives the statements
  Statement begin;
  Statement commit;

  static Expected<std::unique_ptr<SnapshotConnection>> Open(const std::string& path) {
    ASSIGN_OR_RETURN(auto connection, Connection::OpenReader(path));
    ASSIGN_OR_RETURN(Statement begin, connection->Prepare("BEGIN"));
    ASSIGN_OR_RETURN(Statement commit, connection->Prepare("COMMIT"));
    return std::unique_ptr<SnapshotConnection>(
        new SnapshotConnection{std::move(connection), std::move(begin), std::move(commit)});
  }
};

class Sqlite final : public SqliteDatabase {
 public:
  Sqlite(SqliteOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}
  ~Sqlite() override {
    // Readers close before the writer, so that the writer is the last and checkpoints.
    Shutdown();
    idle_readers_.clear();
    writer_.reset();
  }

  Expected<void> Start() {
    ASSIGN_OR_RETURN(auto connection, Connection::OpenWriter(options_.path));
    ASSIGN_OR_RETURN(writer_, SqliteWriter::Start(std::move(connection), options_.batch_max, connection_mutex_));
    return {};
  }

  Expected<void> InTransaction(const Work& work) override {
    CHECK(!writer_->IsWriterThread() && "InTransaction was called inside a transaction: it would wait for itself");
    CHECK(reading_database != this && "InTransaction was called inside Read of the same database");
    return writer_->Run(work);
  }

  Expected<void> Read(const ReadWork& work) override { return ReadWith(Snapshot::kShared, work); }
  Expected<void> ReadOne(const ReadWork& work) override { return ReadWith(Snapshot::kOwn, work); }

  // One process has this database, so whoever listens is here.
  void Notify(std::string_view topic) override { listeners_.Call(topic); }
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) override {
    return listeners_.Add(std::move(topic), std::move(listener));
  }

  Instant Now() const override { return clock_.Now(); }
  WriterStatistics Statistics() const override { return writer_->Statistics(); }

  void Shutdown() override {
    is_shut_down_.store(true, std::memory_order_release);
    if (writer_) writer_->Stop();
  }

 private:
  // Whether all queries see one snapshot, or the only one has its own.
  enum class Snapshot { kShared, kOwn };

  Expected<void> ReadWith(Snapshot snapshot, const ReadWork& work) {
    CHECK(!writer_->IsWriterThread() && "Read was called inside a transaction: it would not see what it wrote");
    if (is_shut_down_.load(std::memory_order_acquire)) {
      return Fail(Code::kUnavailable, "the database is shutting down");
    }
    const ReadingMark mark(this);
    return options_.path == ":memory:" ? ReadOnWriter(snapshot, work) : ReadSnapshot(snapshot, work);
  }

  // A database in memory has one connection only. No batch runs while the mutex is held, so what is there is committed.
  Expected<void> ReadOnWriter(Snapshot snapshot, const ReadWork& work) {
    const std::lock_guard lock(connection_mutex_);
    SnapshotReader reader(writer_->connection(), snapshot == Snapshot::kOwn);
    return work(reader);
  }

  Expected<void> ReadSnapshot(Snapshot snapshot, const ReadWork& work) {
    ASSIGN_OR_RETURN(auto open, TakeReader());
    if (snapshot == Snapshot::kOwn) {
      SnapshotReader reader(*open->connection, /*only_one=*/true);
      const Expected<void> result = work(reader);
      if (result) GiveBack(std::move(open));
      return result;
    }
    RETURN_IF_ERROR(open->connection->Step(open->begin));
    SnapshotReader reader(*open->connection, /*only_one=*/false);
    const Expected<void> result = work(reader);
    // A connection that cannot end its snapshot is not used again.
    if (open->connection->Step(open->commit)) GiveBack(std::move(open));
    return result;
  }

  Expected<std::unique_ptr<SnapshotConnection>> TakeReader() {
    {
      const std::lock_guard lock(readers_mutex_);
      if (!idle_readers_.empty()) {
        auto reader = std::move(idle_readers_.back());
        idle_readers_.pop_back();
        return reader;
      }
    }
    return SnapshotConnection::Open(options_.path);
  }

  void GiveBack(std::unique_ptr<SnapshotConnection> reader) {
    const std::lock_guard lock(readers_mutex_);
    if (idle_readers_.size() < options_.readers_max) idle_readers_.push_back(std::move(reader));
  }

  const SqliteOptions options_;
  const Clock& clock_;
  Listeners listeners_;
  std::atomic<bool> is_shut_down_{false};
  std::recursive_mutex connection_mutex_;
  std::unique_ptr<SqliteWriter> writer_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<SnapshotConnection>> idle_readers_;
};

}  // namespace

Expected<std::unique_ptr<SqliteDatabase>> OpenSqlite(const SqliteOptions& options, const Clock& clock) {
  auto database = std::make_unique<Sqlite>(options, clock);
  RETURN_IF_ERROR(database->Start());
  return database;
}

}  // namespace firmsign::db
