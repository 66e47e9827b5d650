// SPDX-License-Identifier: Apache-2.0

#include "platform/db/tables.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace firmsign::db {
namespace {

// What a driver is asked, each answer with the table's name first.
struct Questions {
  std::string_view columns;     // table, column, type, is not null, place in the primary key or 0
  std::string_view indexes;     // table, unique index, column or null, is descending
  std::string_view references;  // table, other table
};

// https://sqlite.org/pragma.html#pragfunc
constexpr Questions kSqlite{
    .columns =
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) "
        "c WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid",
    .indexes =
        "SELECT t.name, i.name, x.name, x.\"desc\" FROM sqlite_schema t JOIN pragma_index_list(t.name) i JOIN "
        "pragma_index_xinfo(i.name) x WHERE t.type = 'table' AND i.\"unique\" = 1 AND i.partial = 0 AND "
        "x.key = 1 ORDER BY t.name, i.name, x.seqno",
    .references =
        "SELECT t.name, f.\"table\" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f "
        "WHERE t.type = 'table'"};

// https://www.postgresql.org/docs/15/catalogs.html
constexpr Questions kPostgres{
    .columns =
        "SELECT t.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull::int, "
        "coalesce(array_position(k.conkey, a.attnum), 0)::int "
        "FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid "
        "LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p' "
        "WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND "
        "t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY t.relname COLLATE \"C\", a.attnum",
    .indexes =
        "SELECT t.relname, n.relname, a.attname, (i.indoption[k.place::int - 1] & 1)::int "
        "FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid "
        "CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) "
        "LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum "
        "WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND "
        "i.indisunique AND i.indpred IS NULL AND k.place <= i.indnkeyatts "
        "ORDER BY t.relname COLLATE \"C\", n.relname COLLATE \"C\", k.place",
    .references =
        "SELECT t.relname, o.relname FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid "
        "JOIN pg_class o ON o.oid = f.confrelid WHERE f.contype = 'f' AND "
        "t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"};

std::optional<ColumnType> TypeOf(std::string_view name) {
  if (name == "INTEGER" || name == "bigint") return ColumnType::kInt;
  if (name == "TEXT" || name == "text") return ColumnType::kText;
  if (name == "BLOB" || name == "bytea") return ColumnType::kBytes;
  return std::nullopt;
}

using Tables = std::map<std::string, Table>;

Expected<void> ReadColumns(Reader& reader, const Questions& questions, Tables& tables) {
  std::map<std::string, std::map<std::int64_t, std::string>> keys;
  std::string unknown;
  RETURN_IF_ERROR(reader.Query(questions.columns, [&](const Row& row) {
    Table& table = tables[row.String(0)];
    table.name = row.String(0);
    const std::optional<ColumnType> type = TypeOf(row.Text(2));
    if (!type) unknown = table.name + "." + row.String(1) + " has the type " + row.String(2);
    const bool is_key = row.Int(4) != 0;
    if (is_key) keys[table.name][row.Int(4)] = row.String(1);
    // SQLite allows null in a primary key that does not forbid it; the portable schema means what PostgreSQL does.
    table.columns.push_back(
        {.name = row.String(1), .type = type.value_or(ColumnType::kText), .is_nullable = row.Int(3) == 0 && !is_key});
  }));
  if (!unknown.empty()) return Fail(Code::kInvalid, unknown + ", which is none of INT, TEXT and BYTES");
  for (const auto& [name, key] : keys) {
    for (const auto& [place, column] : key) tables[name].key.push_back(column);
  }
  return {};
}

bool IsNullable(const Table& table, std::string_view column) {
  const auto found = std::ranges::find(table.columns, column, &Column::name);
  return found == table.columns.end() || found->is_nullable;
}

Expected<void> ReadUniqueIndexes(Reader& reader, const Questions& questions, Tables& tables) {
  struct Index {
    std::vector<std::string> columns;
    bool fits = true;
  };
  std::map<std::string, std::map<std::string, Index>> indexes;
  RETURN_IF_ERROR(reader.Query(questions.indexes, [&](const Row& row) {
    const auto table = tables.find(row.String(0));
    if (table == tables.end()) return;
    Index& index = indexes[row.String(0)][row.String(1)];
    // Without a name it is an expression.
    if (row.IsNull(2) || row.Int(3) != 0 || IsNullable(table->second, row.Text(2))) index.fits = false;
    index.columns.push_back(row.String(2));
  }));
  for (const auto& [name, of_table] : indexes) {
    Table& table = tables[name];
    if (!table.key.empty()) continue;
    const auto fitting = std::ranges::find_if(of_table, [](const auto& entry) { return entry.second.fits; });
    if (fitting != of_table.end()) table.key = fitting->second.columns;
  }
  return {};
}

Expected<std::vector<Table>> InOrder(Tables tables) {
  std::vector<Table> ordered;
  std::set<std::string> done;
  while (!tables.empty()) {
    const auto ready = std::ranges::find_if(tables, [&](const auto& entry) {
      return std::ranges::all_of(entry.second.references,
                                 [&](const std::string& other) { return done.contains(other); });
    });
    if (ready == tables.end()) {
      return Fail(Code::kInvalid, "the tables around " + tables.begin()->first + " reference each other in a circle");
    }
    done.insert(ready->first);
    ordered.push_back(std::move(ready->second));
    tables.erase(ready);
  }
  return ordered;
}

}  // namespace

Expected<std::vector<Table>> ListTables(Reader& reader, Driver driver) {
  const Questions& questions = driver == Driver::kSqlite ? kSqlite : kPostgres;
  Tables tables;
  RETURN_IF_ERROR(ReadColumns(reader, questions, tables));
  RETURN_IF_ERROR(ReadUniqueIndexes(reader, questions, tables));
  std::map<std::string, std::set<std::string>> references;
  RETURN_IF_ERROR(reader.Query(questions.references, [&](const Row& row) {
    const bool are_both_here = tables.contains(row.String(0)) && tables.contains(row.String(1));
    if (are_both_here && row.Text(0) != row.Text(1)) references[row.String(0)].insert(row.String(1));
  }));
  for (const auto& [name, others] : references) tables[name].references.assign(others.begin(), others.end());
  return InOrder(std::move(tables));
}

Expected<std::vector<AppliedMigration>> ListMigrations(Reader& reader) {
  std::vector<AppliedMigration> applied;
  RETURN_IF_ERROR(reader.Query(
      "SELECT component, number, checksum FROM schema_migrations ORDER BY component, number", [&](const Row& row) {
        applied.push_back({.component = row.String(0), .number = row.Int(1), .checksum = row.String(2)});
      }));
  return applied;
}

Expected<void> AllowLongRead(Reader& reader, Driver driver) {
  if (driver == Driver::kSqlite) return {};  // has no such limits
  return reader.Query(
      "SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)",
      [](const Row&) {});
}

}  // namespace firmsign::db
