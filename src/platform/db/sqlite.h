// SPDX-License-Identifier: Apache-2.0
//
// The SQLite driver: one writing and checkpointing connection, any number of reading ones.
//
// SQLite 3.40 can damage a WAL file when two connections write or checkpoint at an unlucky moment
// (https://sqlite.org/wal.html#walresetbug). Here exactly one connection does either, on one thread; the caller must
// keep other processes out of the file (files::Lock on the data folder).

#pragma once

#include <memory>
#include <string>

#include "platform/db/database.h"

namespace firmsign::db {

struct SqliteOptions {
  std::string path;             // ":memory:" for a private database that dies with the object
  std::size_t readers_max = 8;  // open reading connections kept for reuse
  std::size_t batch_max = 512;  // transactions committed together at most
};

struct WriterStatistics {
  std::int64_t batches = 0;
  std::int64_t transactions = 0;
  std::int64_t waiting = 0;  // transactions that no batch has taken yet
};

class SqliteDatabase : public Database {
 public:
  virtual WriterStatistics Statistics() const = 0;
  // Lets what already waits end, and refuses everything else with kUnavailable. Idempotent; the destructor does it too.
  virtual void Shutdown() = 0;
};

// Opens or creates. `clock` outlives the database. kUnavailable: cannot open. kCorrupt: not a database, or damaged.
Expected<std::unique_ptr<SqliteDatabase>> OpenSqlite(const SqliteOptions& options, const Clock& clock);

}  // namespace firmsign::db
