// SPDX-License-Identifier: Apache-2.0

#include "platform/db/sqlite_writer.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/thread_name.h"

namespace firmsign::db {
namespace {

// A checkpoint copies the pages of the write-ahead log into the database file and syncs it, while transactions wait. It
// is done early when nobody waits, late when somebody does, and if readers have kept the log from starting over for
// so long that it grows without bound, the writer waits for them for a moment.
constexpr int kCheckpointPagesIdle = 1000;
constexpr int kCheckpointPagesBusy = 4000;
constexpr int kRestartPages = 64'000;
constexpr int kRestartWaitMillis = 100;

// Set once by one thread, awaited by one other. One system call on each side, which libstdc++ 12's semaphores do not
// achieve: they yield before they sleep, and with a hundred waiting threads that costs more than the statement.
class Signal {
 public:
  void Set() {
    state_.store(1, std::memory_order_release);
    // The waiter may have seen the store and be gone, and the wake-up reach a stranger at the same address; every
    // futex wait has to expect that.
    ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void Wait() {
    while (state_.load(std::memory_order_acquire) == 0) {
      ::syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
  }

 private:
  std::atomic<std::uint32_t> state_{0};
};
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

}  // namespace

// One waiting caller; lives on its stack.
struct SqliteWriter::Request {
  const Work* work;
  Expected<void> result;
  std::vector<std::function<void()>> after_commit;  // of the last run
  Signal done;
};

// The statements around every transaction, prepared once.
struct SqliteWriter::Control {
  Statement begin;
  Statement commit;
  Statement rollback;
  Statement savepoint;
  Statement release;
  Statement rollback_to;

  static Expected<std::unique_ptr<Control>> Prepare(Connection& connection) {
    ASSIGN_OR_RETURN(Statement begin, connection.Prepare("BEGIN IMMEDIATE"));
    ASSIGN_OR_RETURN(Statement commit, connection.Prepare("COMMIT"));
    ASSIGN_OR_RETURN(Statement rollback, connection.Prepare("ROLLBACK"));
    // Savepoints nest under one name: a statement means the innermost of that name.
    ASSIGN_OR_RETURN(Statement savepoint, connection.Prepare("SAVEPOINT part"));
    ASSIGN_OR_RETURN(Statement release, connection.Prepare("RELEASE part"));
    ASSIGN_OR_RETURN(Statement rollback_to, connection.Prepare("ROLLBACK TO part"));
    return std::unique_ptr<Control>(new Control{std::move(begin), std::move(commit), std::move(rollback),
                                                std::move(savepoint), std::move(release), std::move(rollback_to)});
  }
};

// The transaction of one request.
class SqliteWriter::RunningTransaction final : public Transaction {
 public:
  RunningTransaction(Connection& connection, Control& control) : connection_(connection), control_(control) {}

  Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters, const OnRow& on_row) override {
    RETURN_IF_ERROR(Run(sql, parameters, on_row ? &on_row : nullptr));
    return {};
  }

  Expected<std::int64_t> ExecuteStatement(std::string_view sql, std::span<const Parameter> parameters) override {
    return Run(sql, parameters, nullptr);
  }

  Expected<void> PostStatement(std::string_view sql, std::span<const Parameter> parameters, Expects expects) override {
    ASSIGN_OR_RETURN(const std::int64_t changed, Run(sql, parameters, nullptr));
    if (expects == Expects::kNothing || changed > 0) return {};
    return Remember(Expected<void>(Fail(Code::kConflict, "no row was changed by: " + std::string(sql))));
  }

  Expected<void> ExecuteOnce(std::string_view sql) override {
    RETURN_IF_ERROR(Usable());
    has_changed_schema_ = true;
    return Remember(connection_.RunOnce(sql));
  }

  Expected<void> LockSchema() override { return {}; }  // one transaction at a time as it is
  Dialect Types() const override { return {.integer = "INTEGER", .text = "TEXT", .bytes = "BLOB"}; }

  Expected<void> Nested(const std::function<Expected<void>(Transaction&)>& part) override {
    RETURN_IF_ERROR(Usable());
    return Enclose(part);
  }

  // Runs `work` with nothing around it. What it wrote before it failed stays, and `has_written` tells that it is there.
  Expected<void> RunBare(const Work& work, bool& has_written) {
    const std::int64_t changes_before = connection_.TotalChanges();
    Expected<void> result = work(*this);
    if (result && failed_) result = std::unexpected(*failed_);
    if (result && !connection_.InTransaction())
      result = Fail(Code::kInternal, "SQLite ended the transaction by itself");
    has_written = has_changed_schema_ || connection_.TotalChanges() != changes_before;
    return result;
  }

  // Runs `part` inside a savepoint; its failure undoes it and leaves the transaction usable.
  Expected<void> Enclose(const std::function<Expected<void>(Transaction&)>& part) {
    const std::size_t asked_before = after_commit_.size();
    RETURN_IF_ERROR(Remember(connection_.Step(control_.savepoint)));
    Expected<void> result = part(*this);
    if (result && failed_) result = std::unexpected(*failed_);
    if (!result) after_commit_.resize(asked_before);
    if (!connection_.InTransaction()) {
      if (result) result = Fail(Code::kInternal, "SQLite ended the transaction by itself");
      return result;
    }
    failed_.reset();
    if (result) return Remember(connection_.Step(control_.release));
    is_undone_ = false;
    RETURN_IF_ERROR(Remember(connection_.Step(control_.rollback_to)));
    RETURN_IF_ERROR(Remember(connection_.Step(control_.release)));
    is_undone_ = true;
    return result;
  }

  // False: a failed part could not be undone, so that nothing around it may be committed.
  bool is_undone() const { return is_undone_; }
  std::vector<std::function<void()>> TakeAfterCommit() { return std::move(after_commit_); }

 private:
  Expected<std::int64_t> Run(std::string_view sql, std::span<const Parameter> parameters, const OnRow* on_row) {
    RETURN_IF_ERROR(Usable());
    return Remember(connection_.Run(sql, parameters, on_row, Access::kReadWrite));
  }

  // As in PostgreSQL, a failed statement ends the transaction or the nested part around it. SQLite itself would go on,
  // and after it has rolled back by itself, on a full disk, it would even commit each further statement at once.
  Expected<void> Usable() const {
    if (failed_) return std::unexpected(*failed_);
    if (!connection_.InTransaction()) return Fail(Code::kInternal, "SQLite ended the transaction by itself");
    return {};
  }

  template <class T>
  Expected<T> Remember(Expected<T> result) {
    if (!result && !failed_) failed_ = result.error();
    return result;
  }

  Connection& connection_;
  Control& control_;
  std::optional<Error> failed_;
  bool is_undone_ = true;
  bool has_changed_schema_ = false;  // which SQLite does not count as a change
};

Expected<std::unique_ptr<SqliteWriter>> SqliteWriter::Start(std::unique_ptr<Connection> connection,
                                                            std::size_t batch_max,
                                                            std::recursive_mutex& connection_mutex) {
  std::unique_ptr<SqliteWriter> writer(
      new SqliteWriter(std::move(connection), std::max<std::size_t>(batch_max, 1), connection_mutex));
  ASSIGN_OR_RETURN(writer->control_, Control::Prepare(*writer->connection_));
  // Tells after each commit how long the write-ahead log has become.
  sqlite3_wal_hook(
      writer->connection_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteWriter*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      writer.get());
  // Only the restarting checkpoint ever waits for a lock.
  sqlite3_busy_timeout(writer->connection_->handle(), kRestartWaitMillis);
  // The thread starts under the mutex that its loop takes first, so it cannot look at thread_ before it is set.
  const std::lock_guard lock(writer->mutex_);
  writer->thread_ = std::thread([self = writer.get()] { self->Loop(); });
  return writer;
}

SqliteWriter::SqliteWriter(std::unique_ptr<Connection> connection, std::size_t batch_max,
                           std::recursive_mutex& connection_mutex)
    : connection_(std::move(connection)),
      batch_max_(batch_max),
      connection_mutex_(connection_mutex),
      restart_at_pages_(kRestartPages) {}

SqliteWriter::~SqliteWriter() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

void SqliteWriter::Stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  work_waits_.notify_one();
}

WriterStatistics SqliteWriter::Statistics() const {
  const std::lock_guard lock(mutex_);
  return {.batches = batches_.load(std::memory_order_relaxed),
          .transactions = transactions_.load(std::memory_order_relaxed),
          .waiting = static_cast<std::int64_t>(queue_.size() - queue_begin_)};
}

Expected<void> SqliteWriter::Run(const Work& work) {
  Request request{.work = &work};
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return Fail(Code::kUnavailable, "the database is shutting down");
    queue_.push_back(&request);
    if (is_idle_) work_waits_.notify_one();
  }
  request.done.Wait();
  if (request.result) {
    for (const std::function<void()>& then : request.after_commit) then();
  }
  return std::move(request.result);
}

void SqliteWriter::Loop() {
  NameThisThread("database writer");
  std::vector<Request*> batch;
  while (TakeBatch(batch)) {
    {
      const std::lock_guard lock(connection_mutex_);
      RunBatch(batch);
    }
    batches_.fetch_add(1, std::memory_order_relaxed);
    transactions_.fetch_add(static_cast<std::int64_t>(batch.size()), std::memory_order_relaxed);
    for (Request* request : batch) request->done.Set();
    CheckpointIfDue();
  }
}

// False when the writer is to end: stopping, and nobody waits.
bool SqliteWriter::TakeBatch(std::vector<Request*>& batch) {
  std::unique_lock lock(mutex_);
  while (queue_begin_ == queue_.size() && !is_stopping_) {
    is_idle_ = true;
    work_waits_.wait(lock);
  }
  is_idle_ = false;
  const std::size_t count = std::min(batch_max_, queue_.size() - queue_begin_);
  const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(queue_begin_);
  batch.assign(first, first + static_cast<std::ptrdiff_t>(count));
  queue_begin_ += count;
  if (queue_begin_ == queue_.size()) {
    queue_.clear();
    queue_begin_ = 0;
  }
  return !batch.empty();
}

void SqliteWriter::RunBatch(const std::vector<Request*>& batch) {
  bool has_failed_part = false;
  Expected<void> committed = CommitBare(batch, has_failed_part);
  if (has_failed_part) {
    static_cast<void>(connection_->Step(control_->rollback));
    committed = CommitApart(batch);
  }
  if (committed) return;
  // Nothing of the batch happened. A caller's own error may have come from what a neighbour did, which is undone too,
  // so everybody hears the same.
  for (Request* request : batch) request->result = committed;
  if (connection_->InTransaction()) static_cast<void>(connection_->Step(control_->rollback));
}

// Without a savepoint for each request: after one, SQLite copies every page before it first changes it. A
// request that fails before it wrote anything needs none. After one that fails
// later, `has_failed_part` is set, and the batch has to be rolled back and run again.
Expected<void> SqliteWriter::CommitBare(const std::vector<Request*>& batch, bool& has_failed_part) {
  RETURN_IF_ERROR(connection_->Step(control_->begin));
  for (Request* request : batch) {
    RunningTransaction transaction(*connection_, *control_);
    bool has_written = false;
    request->result = transaction.RunBare(*request->work, has_written);
    request->after_commit = transaction.TakeAfterCommit();
    // After some failures, a full disk for one, SQLite rolls back everything at once.
    if (!connection_->InTransaction() || !transaction.is_undone()) return request->result;
    if (!request->result && has_written) {
      has_failed_part = true;
      return {};
    }
  }
  return connection_->Step(control_->commit);
}

Expected<void> SqliteWriter::CommitApart(const std::vector<Request*>& batch) {
  RETURN_IF_ERROR(connection_->Step(control_->begin));
  for (Request* request : batch) {
    RunningTransaction transaction(*connection_, *control_);
    request->result = transaction.Enclose(*request->work);
    request->after_commit = transaction.TakeAfterCommit();
    if (!connection_->InTransaction() || !transaction.is_undone()) return request->result;
  }
  return connection_->Step(control_->commit);
}

void SqliteWriter::CheckpointIfDue() {
  if (wal_pages_ < kCheckpointPagesIdle) return;
  if (wal_pages_ < kCheckpointPagesBusy) {
    const std::lock_guard lock(mutex_);
    if (queue_begin_ != queue_.size()) return;
  }
  const int mode = wal_pages_ >= restart_at_pages_ ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  // A failure, such as a full disk, loses nothing: the log stays, and the next batch tries again.
  const int result = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, nullptr);
  if (mode == SQLITE_CHECKPOINT_PASSIVE) return;
  // A restart waits for readers; while one of them stays long, a backup, not every batch is to wait.
  restart_at_pages_ = result == SQLITE_OK ? kRestartPages : wal_pages_ + kCheckpointPagesBusy;
}

}  // namespace firmsign::db
