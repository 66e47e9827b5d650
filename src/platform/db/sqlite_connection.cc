// SPDX-License-Identifier: Apache-2.0

#include "platform/db/sqlite_connection.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "platform/db/statements.h"

namespace firmsign::db {
namespace {

// More texts than any program has literals: someone builds statements at run time, and forgetting all of them once in a
// while keeps memory bounded.
constexpr std::size_t kStatementsMax = 4096;

bool IsFull(int system_error) { return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG; }

// `system_error` is errno right after the call: SQLite keeps its own copy for a failing statement, but not for COMMIT.
Code CodeOf(sqlite3* handle, int result, int system_error) {
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT: return Code::kConflict;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM: return Code::kExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
    case SQLITE_CANTOPEN: return Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::kCorrupt;
    case SQLITE_IOERR:
      // SQLITE_FULL means ENOSPC in a write only; a quota, a limit on the size of files, or a full disk while SQLite
      // syncs or grows its shared-memory file show as an I/O error.
      return IsFull(system_error) || IsFull(sqlite3_system_errno(handle)) ? Code::kExhausted : Code::kInternal;
    default: return Code::kInternal;
  }
}

class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool IsNull(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t Int(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view Text(int column) const override {
    const void* bytes = sqlite3_column_type(statement_, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(statement_, column)
                            : sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes ? std::string_view(static_cast<const char*>(bytes), size) : std::string_view();
  }

 private:
  sqlite3_stmt* statement_;
};

// Marks a statement as running, and makes it ready for its next run however this one ends.
class Running {
 public:
  Running(sqlite3_stmt* statement, bool& is_running) : statement_(statement), is_running_(is_running) {
    is_running_ = true;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    sqlite3_reset(statement_);
    is_running_ = false;
  }

 private:
  sqlite3_stmt* statement_;
  bool& is_running_;
};

int BindOne(sqlite3_stmt* statement, int index, const Parameter& parameter) {
  // SQLite reads a null pointer as NULL, also with length 0: an empty view needs an address.
  const auto address = [](std::string_view view) { return view.data() ? view.data() : ""; };
  if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* text = std::get_if<std::string_view>(&parameter)) {
    return sqlite3_bind_text64(statement, index, address(*text), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&parameter)) {
    return sqlite3_bind_blob64(statement, index, address(blob->bytes), blob->bytes.size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n;") == std::string_view::npos; }

}  // namespace

std::unexpected<Error> Connection::FailSqlite(int result, std::string_view what) const {
  const int system_error = errno;
  std::string message = "SQLite: ";
  message += sqlite3_errmsg(handle_);
  message += " (code " + std::to_string(sqlite3_extended_errcode(handle_)) + ") in: ";
  message += what;
  return Fail(CodeOf(handle_, result, system_error), std::move(message));
}

Expected<std::unique_ptr<Connection>> Connection::Open(const std::string& path, int flags) {
  // Memory accounting costs a lock for each allocation and nobody reads it. Has no effect after the first connection.
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);

  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (result != SQLITE_OK) {
    return Fail(Code::kUnavailable, "cannot open database " + path + ": " + sqlite3_errstr(result));
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  return connection;
}

Expected<std::unique_ptr<Connection>> Connection::OpenWriter(const std::string& path) {
  ASSIGN_OR_RETURN(auto connection, Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  const auto fail = [&](Error error) {
    // Whatever stops a database from opening, other than damage, is a reason to try again after looking at the disk.
    if (error.code != Code::kCorrupt && error.code != Code::kExhausted) error.code = Code::kUnavailable;
    return Fail(error.code, "cannot open database " + path + ": " + error.message);
  };
  // Reads the file's header and schema first, so that a foreign or damaged file is not touched.
  if (auto read = connection->RunOnce("SELECT count(*) FROM sqlite_schema"); !read) return fail(read.error());
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-65536", "PRAGMA mmap_size=0",
                             // The writer checkpoints by itself, between two batches (sqlite_writer.cc).
                             "PRAGMA wal_autocheckpoint=0", "PRAGMA journal_size_limit=67108864"}) {
    if (auto set = connection->RunOnce(pragma); !set) return fail(set.error());
  }
  if (path != ":memory:") {
    std::string mode;
    const OnRow read_mode = [&](const Row& row) { mode = row.String(0); };
    static_cast<void>(connection->Run("PRAGMA journal_mode", {}, &read_mode, Access::kReadWrite));
    if (mode != "wal") return fail(Error{Code::kUnavailable, "its folder does not support WAL (mode " + mode + ")"});
  }
  return connection;
}

Expected<std::unique_ptr<Connection>> Connection::OpenReader(const std::string& path) {
  ASSIGN_OR_RETURN(auto connection, Open(path, SQLITE_OPEN_READONLY));
  // Exactly one connection may checkpoint (sqlite.h); a reader must not do so even when it closes last.
  sqlite3_db_config(connection->handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  for (const char* pragma : {"PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-16384", "PRAGMA mmap_size=0"}) {
    RETURN_IF_ERROR(connection->RunOnce(pragma));
  }
  return connection;
}

Connection::~Connection() {
  cache_.clear();
  sqlite3_close_v2(handle_);
}

Expected<Statement> Connection::Prepare(std::string_view portable) {
  const std::string sql = SpellSkipLocked(portable, "");
  sqlite3_stmt* handle = nullptr;
  const char* rest = nullptr;
  const int result =
      sqlite3_prepare_v3(handle_, sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle, &rest);
  if (result != SQLITE_OK) return FailSqlite(result, sql);
  Statement statement(handle, std::string(portable));
  if (!handle || !IsBlank(std::string_view(rest))) {
    return Fail(Code::kInternal, "not exactly one statement: " + sql);
  }
  // To SQLite `$1` is a name like any other; the number in it says which of the caller's parameters is meant.
  const int names = sqlite3_bind_parameter_count(handle);
  for (int i = 1; i <= names; ++i) {
    const char* name = sqlite3_bind_parameter_name(handle, i);
    const std::string_view text = name ? name : "?";
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (text[0] != '$' || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number == 0) {
      return Fail(Code::kInternal, "parameters are written $1, $2, …: " + sql);
    }
    statement.positions_.push_back(number - 1);
    statement.parameters_ = std::max(statement.parameters_, number);
  }
  return statement;
}

Expected<Statement*> Connection::Cached(std::string_view sql) {
  const Key key{sql.data(), sql.size()};
  if (const auto found = cache_.find(key); found != cache_.end()) {
    // An address may be used again by another text if it was no literal after all. Comparing costs little beside
    // running the wrong statement.
    if (found->second.sql() == sql) return &found->second;
    if (found->second.is_running_) return nullptr;
    cache_.erase(found);
  }
  if (cache_.size() >= kStatementsMax) {
    std::erase_if(cache_, [](const auto& entry) { return !entry.second.is_running_; });
  }
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  return &cache_.emplace(key, std::move(statement)).first->second;
}

Expected<std::int64_t> Connection::Run(std::string_view sql, std::span<const Parameter> parameters, const OnRow* on_row,
                                       Access access) {
  ASSIGN_OR_RETURN(Statement * cached, Cached(sql));
  if (cached && !cached->is_running_) return RunStatement(*cached, parameters, on_row, access);
  // The callback of a running query runs the same query again.
  ASSIGN_OR_RETURN(Statement another, Prepare(sql));
  return RunStatement(another, parameters, on_row, access);
}

Expected<void> Connection::RunOnce(std::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  RETURN_IF_ERROR(RunStatement(statement, {}, nullptr, Access::kReadWrite));
  return {};
}

Expected<void> Connection::Bind(Statement& statement, std::span<const Parameter> parameters) {
  if (parameters.size() != statement.parameters()) {
    return Fail(Code::kInternal, "the statement has " + std::to_string(statement.parameters()) + " parameters, " +
                                     std::to_string(parameters.size()) + " were given: " + statement.sql());
  }
  int index = 0;
  for (const std::size_t position : statement.positions()) {
    const int result = BindOne(statement.handle(), ++index, parameters[position]);
    if (result != SQLITE_OK) return FailSqlite(result, statement.sql());
  }
  return {};
}

Expected<std::int64_t> Connection::RunStatement(Statement& statement, std::span<const Parameter> parameters,
                                                const OnRow* on_row, Access access) {
  if (access == Access::kReadOnly && !statement.is_readonly()) {
    return Fail(Code::kInternal, "a reader may not write: " + statement.sql());
  }
  RETURN_IF_ERROR(Bind(statement, parameters));
  const Running running(statement.handle(), statement.is_running_);
  const std::int64_t changes_before = TotalChanges();
  for (;;) {
    errno = 0;
    const int result = sqlite3_step(statement.handle());
    if (result == SQLITE_DONE) break;
    if (result != SQLITE_ROW) return FailSqlite(result, statement.sql());
    if (on_row) (*on_row)(StatementRow(statement.handle()));
  }
  // The number of the last change is left over from an earlier statement when this one, such as CREATE TABLE, counts
  // nothing.
  return TotalChanges() == changes_before ? 0 : sqlite3_changes64(handle_);
}

Expected<void> Connection::Step(Statement& statement) {
  const Running running(statement.handle(), statement.is_running_);
  errno = 0;
  const int result = sqlite3_step(statement.handle());
  if (result != SQLITE_DONE) return FailSqlite(result, statement.sql());
  return {};
}

}  // namespace firmsign::db
