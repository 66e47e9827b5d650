// SPDX-License-Identifier: Apache-2.0
//
// A small SQL interface with one driver per database; stores write one SQL text for all of them.
//
// Portable SQL: types {INT} (64-bit), {TEXT} (collates bytewise), {BYTES}; parameters $1, $2, … numbered in the order
// of their first use; `ON CONFLICT`, `RETURNING`; no database's own functions. The braces are replaced by the driver in
// migrations. {SKIP LOCKED} at the end of a SELECT locks its rows and passes over those that another transaction has
// locked; where transactions write one after another it stands for nothing. Every statement text must be a literal:
// drivers cache prepared statements by its address.
//
// SQLite (platform/db/sqlite.h): one thread writes. It takes every transaction that is waiting, runs them as one batch,
// commits the batch once (WAL, synchronous=FULL), and only then lets the callers go on; one that fails is undone alone.
// So a thousand waiting callers pay for one sync of the disk. Readers have connections of their own and never wait.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace firmsign::db {

// Bytes as opposed to text. The view must live until the call returns.
struct Blob {
  std::string_view bytes;
};

// A parameter. Text and Blob are views: nothing is copied before the call returns.
using Parameter = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

inline Parameter ToParameter(std::nullptr_t) { return nullptr; }
inline Parameter ToParameter(std::int64_t value) { return value; }
inline Parameter ToParameter(int value) { return static_cast<std::int64_t>(value); }
inline Parameter ToParameter(bool value) { return static_cast<std::int64_t>(value); }
inline Parameter ToParameter(std::string_view value) { return value; }
inline Parameter ToParameter(const std::string& value) { return std::string_view(value); }
inline Parameter ToParameter(const char* value) { return std::string_view(value); }
inline Parameter ToParameter(Blob value) { return value; }
inline Parameter ToParameter(Instant value) { return value.micros; }
template <class T>
Parameter ToParameter(const std::optional<T>& value) {
  return value ? ToParameter(*value) : Parameter(nullptr);
}

// One row of a result, valid only inside the callback that receives it. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual std::int64_t Int(int column) const = 0;       // 0 for null
  virtual std::string_view Text(int column) const = 0;  // also for bytes; empty for null
  std::string String(int column) const { return std::string(Text(column)); }
  Instant Time(int column) const { return Instant{Int(column)}; }
  std::optional<std::int64_t> OptionalInt(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(Int(column));
  }
  std::optional<std::string> OptionalString(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(String(column));
  }
  std::optional<Instant> OptionalTime(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(Time(column));
  }
};

using OnRow = std::function<void(const Row&)>;

// Something that answers queries from one consistent state. Thread safety: confined.
//
// Codes: kConflict a constraint refused the row; kExhausted the disk is full; kUnavailable the database is away or
// shutting down; kCorrupt it says that its file is damaged; kInternal anything else (a bug in the statement).
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Expected<void> QueryRows(std::string_view sql, std::span<const Parameter> parameters,
                                   const OnRow& on_row) = 0;

  template <class... Ts>
  Expected<void> Query(std::string_view sql, const OnRow& on_row, const Ts&... parameters) {
    const std::array<Parameter, sizeof...(Ts)> list{ToParameter(parameters)...};
    return QueryRows(sql, list, on_row);
  }
};

// How a database spells the portable types.
struct Dialect {
  std::string_view integer;
  std::string_view text;
  std::string_view bytes;
};

// What a posted statement has to do, else it fails.
enum class Expects { kNothing, kChange };

// A transaction that may write. Thread safety: confined to the function that received it.
//
// A statement that fails ends the transaction, on every database as on PostgreSQL: further statements return the same
// error, and so does the transaction whatever `work` returns. Where a failure is expected, use ON CONFLICT or Nested.
class Transaction : public Reader {
 public:
  // Runs a statement that returns no rows; the number of rows it changed.
  virtual Expected<std::int64_t> ExecuteStatement(std::string_view sql, std::span<const Parameter> parameters) = 0;

  template <class... Ts>
  Expected<std::int64_t> Execute(std::string_view sql, const Ts&... parameters) {
    const std::array<Parameter, sizeof...(Ts)> list{ToParameter(parameters)...};
    return ExecuteStatement(sql, list);
  }

  // Posts a statement whose outcome nobody waits for: where a failure shows only later, it is the failure of the next
  // statement that waits, or of the transaction. Over a network, what is posted travels with what follows, and the
  // commit of a transaction that ends with posted statements travels with them.
  virtual Expected<void> PostStatement(std::string_view sql, std::span<const Parameter> parameters,
                                       Expects expects) = 0;

  template <class... Ts>
  Expected<void> Post(std::string_view sql, const Ts&... parameters) {
    const std::array<Parameter, sizeof...(Ts)> list{ToParameter(parameters)...};
    return PostStatement(sql, list, Expects::kNothing);
  }
  // The same for a statement that has to change a row: kConflict when it changes none.
  template <class... Ts>
  Expected<void> PostChange(std::string_view sql, const Ts&... parameters) {
    const std::array<Parameter, sizeof...(Ts)> list{ToParameter(parameters)...};
    return PostStatement(sql, list, Expects::kChange);
  }

  // Runs `part` so that its failure undoes only what it did itself. Returns what `part` returns.
  virtual Expected<void> Nested(const std::function<Expected<void>(Transaction&)>& part) = 0;

  // Asks for `then` to be run once all of this is durable, on the thread of the caller of InTransaction and before that
  // returns. What a run or a nested part asked for is forgotten when it is undone: so this, and not a variable set on
  // the way, tells what has happened.
  void AfterCommit(std::function<void()> then) { after_commit_.push_back(std::move(then)); }

  // For Migrate: until the end of this transaction, no other one gets past its own LockSchema.
  virtual Expected<void> LockSchema() = 0;
  // For Migrate: one statement, in the database's own words, that need not be a literal.
  virtual Expected<void> ExecuteOnce(std::string_view sql) = 0;
  virtual Dialect Types() const = 0;

 protected:
  std::vector<std::function<void()>> after_commit_;  // the driver's to keep
};

// Ends what Database::Listen began when it is destroyed, and waits for a call that is under way.
class Listening {
 public:
  virtual ~Listening() = default;
};

using Work = std::function<Expected<void>(Transaction&)>;
using ReadWork = std::function<Expected<void>(Reader&)>;

// Thread safety: safe.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `work` in a transaction. When it returns a value, what it did is durable before this returns; when it returns
  // an error, nothing of it happened and the error is passed on. `work` holds SQL only (no signing, no other I/O, no
  // waiting), must not call the Database, and may run more than once.
  virtual Expected<void> InTransaction(const Work& work) = 0;

  // Runs `work` over one consistent snapshot that includes everything acknowledged before the call. `work` must not
  // call InTransaction, and may run more than once. A snapshot holds back the cleaning up of the database, so `work` is
  // short.
  virtual Expected<void> Read(const ReadWork& work) = 0;

  // Read for `work` that makes exactly one query, which is consistent by itself: spares the transaction around it. A
  // second query is kInternal.
  virtual Expected<void> ReadOne(const ReadWork& work) { return Read(work); }

  // Wakes whoever listens for `topic` in all processes that have this database open: look again, something changed.
  // Not part of any transaction, and returns at once. Best effort, and many may arrive as one: who listens also looks
  // now and then by itself.
  virtual void Notify(std::string_view topic) = 0;
  // `listener` is called, on some other thread or inside Notify, after each Notify, and when one may have been missed.
  // It returns soon and must not call the database. Ends with the result, which the database outlives.
  virtual std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) = 0;

  // The database's clock: what leases and expiries are measured with.
  virtual Instant Now() const = 0;
};

// One numbered file of a store's schema, applied once and in order.
struct Migration {
  std::string_view component;  // "shop"
  int number = 1;              // 1, 2, …; unique within the component
  std::string_view sql;        // statements separated by ';', portable SQL
};

// Applies what is missing, each migration in a transaction of its own, and remembers it in `schema_migrations`.
// kInvalid: the database is newer than this program, or a migration was edited after it was applied.
Expected<void> Migrate(Database& database, std::span<const Migration> migrations);

}  // namespace firmsign::db
