// SPDX-License-Identifier: Apache-2.0
//
// The PostgreSQL driver: a bounded pool of connections, each with its prepared statements, for any number of processes.
//
// Transactions run READ COMMITTED and may meet others, so every invariant is a constraint or one guarded statement
// whose row count is checked. A transaction that lost a serialisation conflict or a deadlock, or whose connection broke
// before its COMMIT was sent, is run again a few times. One whose connection broke while it committed is kUnavailable,
// and may have happened: nobody can tell.
//
// Statements that are posted (Transaction::Post) travel together, with BEGIN before and COMMIT after them: a
// transaction of posted statements alone is one round trip.
//
// A pool that lost its server opens new connections as soon as there is one again. synchronous_commit is on whatever
// the server's default is: what is acknowledged is durable.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "platform/db/database.h"

namespace firmsign::db {

struct PostgresOptions {
  // A URL or keywords (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING). What it leaves out
  // comes from the usual environment (PGHOST, PGPASSFILE, PGSSLMODE, ...). TLS is required of other machines, unless
  // something says otherwise.
  std::string url;
  std::string schema;                // the schema of all tables; empty: the server's default, "public"
  std::size_t connections_max = 16;  // of this process
  std::chrono::seconds connect_max{5};
  std::chrono::seconds statement_max{30};  // then the server gives up; a little later so does this process
  // How long a transaction may rest between two statements: then this process was stopped, and what it has locked is
  // needed by others.
  std::chrono::seconds rest_max{5};
  std::chrono::seconds connection_wait_max{10};  // for a free connection of the pool
};

// Since the database was opened; without what asks for the time, notices and the start of connections.
struct PostgresStatistics {
  std::int64_t transactions = 0;  // attempts
  std::int64_t reads = 0;
  std::int64_t statements = 0;   // of the callers
  std::int64_t round_trips = 0;  // how often somebody waited for the server
};

class PostgresDatabase : public Database {
 public:
  virtual PostgresStatistics Statistics() const = 0;
  // How many processes Listen to this database, in the same schema: the nodes that serve. One that died a moment ago
  // may still be counted.
  virtual Expected<std::int64_t> CountListeners() = 0;
};

// kInvalid: the URL, or a server that does not fit (older than 15, another encoding than UTF-8); says what to do.
// kDenied: the server refuses this user. kUnavailable: cannot be reached, or is a read-only replica.
Expected<std::unique_ptr<PostgresDatabase>> OpenPostgres(const PostgresOptions& options);

}  // namespace firmsign::db
