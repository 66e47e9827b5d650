// SPDX-License-Identifier: Apache-2.0

#include "platform/db/sqlite_copying.h"

#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "platform/db/sqlite_connection.h"

namespace firmsign::db {
namespace {

// For a writer that is just opening the file and holds its locks for a moment.
constexpr int kBusyMillisMax = 5000;

class ConnectionReader final : public Reader {
 public:
  explicit ConnectionReader(Connection& connection) : connection_(connection) {}
  Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters, const OnRow& on_row) override {
    RETURN_IF_ERROR(connection_.Run(sql, parameters, on_row ? &on_row : nullptr, Access::kReadOnly));
    return {};
  }

 private:
  Connection& connection_;
};

class NoListening final : public Listening {};

Error Explain(const std::string& path, Error error) {
  if (error.code != Code::kCorrupt) error.code = Code::kUnavailable;
  error.message = "cannot read the database " + path + ": " + error.message;
  // Outside of the log, a change keeps what it overwrites there until it is complete.
  std::error_code ignored;
  if (std::filesystem::exists(path + "-journal", ignored)) {
    error.message +=
        ". Its writer was cut off in the middle of a change, which only a writer can undo: start a server over it "
        "once, "
        "or, if this is a copy, make it again.";
  } else if (error.code == Code::kUnavailable) {
    error.message += ". Run this as the user whom the writer runs as.";
  }
  return error;
}

class ReadOnlySqlite final : public Database {
 public:
  ReadOnlySqlite(std::unique_ptr<Connection> connection, const Clock& clock)
      : connection_(std::move(connection)), clock_(clock) {}

  Expected<void> InTransaction(const Work&) override {
    return Fail(Code::kDenied, "the database was opened for reading only");
  }

  Expected<void> Read(const ReadWork& work) override {
    const std::lock_guard lock(mutex_);
    RETURN_IF_ERROR(connection_->RunOnce("BEGIN"));
    ConnectionReader reader(*connection_);
    const Expected<void> result = work(reader);
    RETURN_IF_ERROR(connection_->RunOnce("COMMIT"));
    return result;
  }

  // Nothing changes here that anybody could be told of.
  void Notify(std::string_view) override {}
  std::unique_ptr<Listening> Listen(std::string, std::function<void()>) override {
    return std::make_unique<NoListening>();
  }
  Instant Now() const override { return clock_.Now(); }

 private:
  std::mutex mutex_;
  const std::unique_ptr<Connection> connection_;
  const Clock& clock_;
};

}  // namespace

Expected<std::unique_ptr<Database>> OpenSqliteForReading(const std::string& path, const Clock& clock) {
  auto connection = Connection::OpenReader(path);
  if (!connection) return std::unexpected(Explain(path, std::move(connection).error()));
  sqlite3_busy_timeout((*connection)->handle(), kBusyMillisMax);
  // Opening touches nothing; the first read finds out what is wrong.
  for (const char* sql : {"PRAGMA query_only=ON", "SELECT count(*) FROM sqlite_schema"}) {
    if (auto ran = (*connection)->RunOnce(sql); !ran) return std::unexpected(Explain(path, std::move(ran).error()));
  }
  return std::make_unique<ReadOnlySqlite>(*std::move(connection), clock);
}

Expected<void> MakeSqliteSelfContained(const std::string& path) {
  ASSIGN_OR_RETURN(const auto connection, Connection::OpenWriter(path));
  std::string mode;
  const OnRow read_mode = [&](const Row& row) { mode = row.String(0); };
  RETURN_IF_ERROR(connection->Run("PRAGMA journal_mode=DELETE", {}, &read_mode, Access::kReadWrite));
  if (mode != "delete") return Fail(Code::kUnavailable, "another process has the database open: " + path);
  return {};
}

}  // namespace firmsign::db
