// SPDX-License-Identifier: Apache-2.0
//
// One connection to SQLite with its prepared statements.
//
// Internal to platform/db: the only header that shows SQLite's own. sqlite.h is the public side.

#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::db {

// A prepared statement. Thread safety: confined to the user of its connection.
class Statement {
 public:
  // `sql` as the caller wrote it.
  Statement(sqlite3_stmt* handle, std::string sql) : handle_(handle), sql_(std::move(sql)) {}
  Statement(Statement&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)),
        sql_(std::move(other.sql_)),
        positions_(std::move(other.positions_)),
        parameters_(other.parameters_) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&& other) = delete;
  ~Statement() { sqlite3_finalize(handle_); }

  sqlite3_stmt* handle() const { return handle_; }
  const std::string& sql() const { return sql_; }
  bool is_readonly() const { return sqlite3_stmt_readonly(handle_) != 0; }
  // How many parameters the caller has to give: the highest number n of a $n.
  std::size_t parameters() const { return parameters_; }
  // At SQLite's index i + 1, the position (from 0) of the caller's parameter.
  const std::vector<std::size_t>& positions() const { return positions_; }

 private:
  friend class Connection;
  sqlite3_stmt* handle_;
  std::string sql_;
  std::vector<std::size_t> positions_;
  std::size_t parameters_ = 0;
  bool is_running_ = false;
};

enum class Access { kReadOnly, kReadWrite };

// Thread safety: used by one thread at a time (SQLITE_OPEN_NOMUTEX).
class Connection {
 public:
  // kUnavailable: cannot open. kCorrupt: not a database, or damaged.
  static Expected<std::unique_ptr<Connection>> OpenWriter(const std::string& path);
  static Expected<std::unique_ptr<Connection>> OpenReader(const std::string& path);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Runs one statement and gives its rows to `on_row`, if there is one. Returns the number of rows it changed.
  Expected<std::int64_t> Run(std::string_view sql, std::span<const Parameter> parameters, const OnRow* on_row,
                             Access access);
  // The same for a text that is not a literal: nothing is remembered.
  Expected<void> RunOnce(std::string_view sql);

  // Prepares a statement that the caller keeps; the connection outlives it.
  Expected<Statement> Prepare(std::string_view sql);
  // Runs a kept statement without parameters and rows, such as COMMIT.
  Expected<void> Step(Statement& statement);

  // True while BEGIN has been run and neither COMMIT nor ROLLBACK, nor SQLite's own rollback after a failure.
  bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  // Rows changed by all statements so far that were not undone by their own failure.
  std::int64_t TotalChanges() const { return sqlite3_total_changes64(handle_); }
  sqlite3* handle() const { return handle_; }

 private:
  // A literal is known by its address; the length tells apart literals that a linker merged at their ends.
  struct Key {
    const char* address;
    std::size_t length;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<const void*>()(key.address) ^ (key.length * 0x9E3779B97F4A7C15u);
    }
  };

  explicit Connection(sqlite3* handle) : handle_(handle) {}
  static Expected<std::unique_ptr<Connection>> Open(const std::string& path, int flags);

  Expected<Statement*> Cached(std::string_view sql);
  Expected<std::int64_t> RunStatement(Statement& statement, std::span<const Parameter> parameters, const OnRow* on_row,
                                      Access access);
  Expected<void> Bind(Statement& statement, std::span<const Parameter> parameters);
  std::unexpected<Error> FailSqlite(int result, std::string_view what) const;

  sqlite3* handle_;
  std::unordered_map<Key, Statement, KeyHash> cache_;
};

}  // namespace firmsign::db
