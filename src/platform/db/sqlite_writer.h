// SPDX-License-Identifier: Apache-2.0
//
// The thread that does every write and every checkpoint of a SQLite database.
//
// It takes all transactions that wait, runs them as one batch, commits once, and then releases the callers. There is no
// timer: while one batch syncs, the next one gathers. When a transaction of the batch fails after it wrote something,
// the batch is rolled back and run again with each transaction inside a SAVEPOINT.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "platform/db/sqlite.h"
#include "platform/db/sqlite_connection.h"

namespace firmsign::db {

// Thread safety: safe.
class SqliteWriter {
 public:
  // `connection_mutex` is held while a batch runs, so that a database in memory, which has no other connection, can be
  // read between two batches; it outlives the writer.
  static Expected<std::unique_ptr<SqliteWriter>> Start(std::unique_ptr<Connection> connection, std::size_t batch_max,
                                                       std::recursive_mutex& connection_mutex);
  ~SqliteWriter();

  // Runs `work` on the writer's thread; returns when its batch is durable or has failed.
  Expected<void> Run(const Work& work);

  // Runs what already waits, then refuses everything with kUnavailable. Idempotent.
  void Stop();

  bool IsWriterThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  WriterStatistics Statistics() const;
  // To be used only while holding the connection mutex.
  Connection& connection() { return *connection_; }

 private:
  struct Request;
  struct Control;
  class RunningTransaction;

  SqliteWriter(std::unique_ptr<Connection> connection, std::size_t batch_max, std::recursive_mutex& connection_mutex);

  void Loop();
  bool TakeBatch(std::vector<Request*>& batch);
  void RunBatch(const std::vector<Request*>& batch);
  Expected<void> CommitBare(const std::vector<Request*>& batch, bool& has_failed_part);
  Expected<void> CommitApart(const std::vector<Request*>& batch);
  void CheckpointIfDue();

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Control> control_;
  const std::size_t batch_max_;
  std::recursive_mutex& connection_mutex_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable work_waits_;
  std::vector<Request*> queue_;
  std::size_t queue_begin_ = 0;  // requests before it are already taken
  bool is_idle_ = false;
  bool is_stopping_ = false;

  std::atomic<std::int64_t> batches_{0};
  std::atomic<std::int64_t> transactions_{0};
  int wal_pages_ = 0;     // only the writer's thread; likewise below
  int restart_at_pages_;  // when readers are waited for
  std::thread thread_;
};

}  // namespace firmsign::db
