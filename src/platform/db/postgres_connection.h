// SPDX-License-Identifier: Apache-2.0
//
// One connection to PostgreSQL with its prepared statements.
//
// Internal to platform/db: the only header that shows libpq's own. postgres.h is the public side.
//
// The connection is in libpq's pipeline mode all the time. What brings no news (BEGIN) is queued and travels with the
// next statement, and nobody waits for the end of a snapshot: neither costs a round trip of its own.

#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"
#include "platform/db/postgres.h"

namespace firmsign::db {

struct PostgresError {
  Error error;
  std::string sqlstate;      // empty: not from the server
  bool is_broken = false;    // the connection is lost
  bool is_conflict = false;  // the transaction lost against another and may be run again
};

struct PgCounters {
  std::atomic<std::int64_t> statements{0};
  std::atomic<std::int64_t> round_trips{0};
};

// How a transaction begins.
enum class Begin { kWriting, kSnapshot };

template <class T>
using PgExpected = std::expected<T, PostgresError>;

// Thread safety: confined.
class PgConnection {
 public:
  // `counters`, if given, outlive the connection.
  static PgExpected<std::unique_ptr<PgConnection>> Open(const PostgresOptions& options, PgCounters* counters = nullptr);

  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;
  ~PgConnection();

  // The outcome shows with the next Run.
  void QueueBegin(Begin begin) { queued_ = begin; }
  void Unqueue() { queued_.reset(); }
  PgExpected<void> Commit();
  // Rolls back and does not wait for the outcome, which nobody needs.
  void Leave();

  // Runs what is queued and then this statement; gives its rows to `on_row`, if there is one, after all have arrived.
  // Returns the number of rows it changed.
  PgExpected<std::int64_t> Run(std::string_view sql, std::span<const Parameter> parameters, const OnRow* on_row);
  // Sends a statement whose outcome shows with the next Run. With kChange, one that changes no row fails with
  // kConflict, on the server, so that what follows it is not done.
  PgExpected<void> Post(std::string_view sql, std::span<const Parameter> parameters, Expects expects);
  // Waits for what was posted, whose outcome does not matter: it is about to be undone.
  void Settle() {
    if (!sent_.empty()) static_cast<void>(Receive());
  }
  // The same as Run for one that need not be a literal and has no parameters.
  PgExpected<void> RunOnce(std::string_view sql);

  // The payloads of the NOTIFYs that have arrived; reads what waits on the socket and does not wait for more.
  std::vector<std::string> TakeNotices();
  int socket() const { return PQsocket(handle_); }

  // Must not be used again.
  bool is_broken() const { return is_lost_ || PQstatus(handle_) != CONNECTION_OK; }

 private:
  // A literal is known by its address and length, and a statement also by the types of its parameters.
  struct Key {
    const char* address;
    std::size_t length;
    std::string types;
    Expects expects = Expects::kNothing;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<const void*>()(key.address) ^ (key.length * 0x9E3779B97F4A7C15u) ^
             std::hash<std::string>()(key.types) ^ static_cast<std::size_t>(key.expects);
    }
  };
  struct Prepared {
    std::string name;
    std::string sql;  // as the caller wrote it
  };
  // A statement that was sent and whose result was not read yet.
  struct Sent {
    std::string_view sql;
    Expects expects = Expects::kNothing;
  };
  struct FreeResult {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, FreeResult>;

  PgConnection(PGconn* handle, std::chrono::seconds answer_max) : handle_(handle), answer_max_(answer_max) {}
  PgExpected<void> CheckServer();
  // BEGIN, COMMIT and ROLLBACK, so that the server does not parse them each time.
  PgExpected<void> PrepareControl();
  bool SendControl(const char* name);

  struct Bound;
  // The prepared statement, made if need be, which costs a round trip of its own.
  PgExpected<const Prepared*> Prepare(std::string_view sql, const Bound& bound, Expects expects);
  PgExpected<void> Send(const Prepared& prepared, const Bound& bound, Expects expects);
  PgExpected<void> ReceivePosted();
  // Waits for the results of everything that was sent; that of the last, or the first failure.
  PgExpected<Result> Receive();
  // Reads away what Leave did not wait for.
  void Drain();
  void SendQueued();
  // The next result, or null: at the end of a statement, and when the connection is lost or nothing comes for too long.
  Result Next();
  std::unexpected<PostgresError> FailHere(std::string_view sql);
  static PostgresError ErrorOf(const PGresult* result, std::string_view sql);

  PGconn* handle_;
  const std::chrono::seconds answer_max_;
  PgCounters* counters_ = nullptr;  // nullptr: nobody counts
  std::optional<Begin> queued_;
  std::vector<Sent> sent_;
  std::unordered_map<Key, Prepared, KeyHash> prepared_;
  std::size_t prepared_count_ = 0;
  int syncs_left_ = 0;  // how many are still to come of what Leave did not wait for
  bool is_lost_ = false;
};

}  // namespace firmsign::db
