// SPDX-License-Identifier: Apache-2.0
//
// What tables a database holds: names, columns, keys and references, asked of the database itself.
//
// For work over all tables alike, such as copying a database, which must not forget one that is added later. Stores
// know their own tables and have no use for this.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::db {

enum class Driver { kSqlite, kPostgres };

enum class ColumnType { kInt, kText, kBytes };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool is_nullable = false;

  bool operator==(const Column&) const = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;  // as declared
  // What orders and finds each row: the columns of the primary key; without one, those of the first unique index by
  // name that is ascending and has no nullable column. Empty: neither.
  std::vector<std::string> key;
  std::vector<std::string> references;  // other tables whose rows must be there before this one's, by name

  bool operator==(const Table&) const = default;
};

// The tables of the schema that statements without a schema's name mean, each after those that it references, else by
// name. kInvalid: a column of another type than the portable ones, or tables that reference each other in a circle.
// `driver` is that of the database that `reader` reads.
Expected<std::vector<Table>> ListTables(Reader& reader, Driver driver);

// A migration as the database remembers it (Migrate).
struct AppliedMigration {
  std::string component;
  std::int64_t number = 0;
  std::string checksum;  // of its portable text

  bool operator==(const AppliedMigration&) const = default;
};

// In the order of component and number. The database has been migrated once.
Expected<std::vector<AppliedMigration>> ListMigrations(Reader& reader);

// Lifts, until the end of this snapshot, the driver's limits of how long a statement and a pause between two may take.
// For who copies a database: work over snapshots is short otherwise (database.h).
Expected<void> AllowLongRead(Reader& reader, Driver driver);

}  // namespace firmsign::db
