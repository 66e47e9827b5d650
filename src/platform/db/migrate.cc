// SPDX-License-Identifier: Apache-2.0
//
// Applies the numbered files of the stores' schemas and remembers them in the table schema_migrations.

#include <map>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "platform/db/database.h"
#include "platform/db/statements.h"

namespace firmsign::db {
namespace {

// FNV-1a, 64 bits. It finds an accidental edit; nobody attacks it, since who can change the table can change the
// schema.
std::string ChecksumOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
  return EncodeHex(bytes);
}

std::string NameOf(std::string_view component, std::int64_t number) {
  return std::string(component) + "/" + std::to_string(number);
}

Expected<void> RunStatements(Transaction& tx, std::string_view sql, const std::string& name) {
  auto statements = SplitStatements(sql, tx.Types());
  if (!statements) return Fail(statements.error().code, "migration " + name + ": " + statements.error().message);
  for (const std::string& statement : *statements) {
    if (auto done = tx.ExecuteOnce(statement); !done) {
      return Fail(done.error().code, "migration " + name + ": " + done.error().message);
    }
  }
  return {};
}

Expected<void> Apply(Transaction& tx, const Migration& migration, Instant now) {
  RETURN_IF_ERROR(tx.LockSchema());
  const std::string name = NameOf(migration.component, migration.number);
  const std::string checksum = ChecksumOf(migration.sql);
  std::optional<std::string> applied;
  RETURN_IF_ERROR(tx.Query(
      "SELECT checksum FROM schema_migrations WHERE component = $1 AND number = $2",
      [&](const Row& row) { applied = row.String(0); }, migration.component, migration.number));
  if (applied == checksum) return {};
  if (applied) {
    return Fail(Code::kInvalid, "migration " + name + " was edited after it was applied to this database");
  }
  RETURN_IF_ERROR(RunStatements(tx, migration.sql, name));
  RETURN_IF_ERROR(
      tx.Execute("INSERT INTO schema_migrations (component, number, checksum, applied_at) "
                 "VALUES ($1, $2, $3, $4)",
                 migration.component, migration.number, checksum, now));
  return {};
}

// Numbers of one component must rise by one from 1, so that a gap in the list is not taken for "all applied".
Expected<std::map<std::string_view, int>> LastNumbers(std::span<const Migration> migrations) {
  std::map<std::string_view, int> last;
  for (const Migration& migration : migrations) {
    if (migration.number != last[migration.component] + 1) {
      return Fail(Code::kInvalid, "migration " + NameOf(migration.component, migration.number) + " is out of order");
    }
    last[migration.component] = migration.number;
  }
  return last;
}

}  // namespace

Expected<void> Migrate(Database& database, std::span<const Migration> migrations) {
  ASSIGN_OR_RETURN(const auto last, LastNumbers(migrations));
  RETURN_IF_ERROR(database.InTransaction([&](Transaction& tx) -> Expected<void> {
    RETURN_IF_ERROR(tx.LockSchema());
    return RunStatements(tx,
                         "CREATE TABLE IF NOT EXISTS schema_migrations ("
                         "component {TEXT} NOT NULL, number {INT} NOT NULL, checksum {TEXT} NOT NULL, "
                         "applied_at {INT} NOT NULL, PRIMARY KEY (component, number))",
                         "schema_migrations");
  }));
  // Refuse a newer database before anything is changed.
  RETURN_IF_ERROR(database.Read([&](Reader& reader) -> Expected<void> {
    for (const auto& [component, number] : last) {
      std::int64_t applied = 0;
      RETURN_IF_ERROR(reader.Query(
          "SELECT max(number) FROM schema_migrations WHERE component = $1",
          [&](const Row& row) { applied = row.Int(0); }, component));
      if (applied > number) {
        return Fail(Code::kInvalid, "the database is newer than this program: it has migration " +
                                        NameOf(component, applied) + ", the program knows " +
                                        NameOf(component, number));
      }
    }
    return {};
  }));
  for (const Migration& migration : migrations) {
    RETURN_IF_ERROR(database.InTransaction([&](Transaction& tx) { return Apply(tx, migration, database.Now()); }));
  }
  return {};
}

}  // namespace firmsign::db
