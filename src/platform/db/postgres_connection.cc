// SPDX-License-Identifier: Apache-2.0

#include "platform/db/postgres_connection.h"

#include <endian.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "platform/db/statements.h"

namespace firmsign::db {
namespace {

constexpr int kVersionMin = 150000;
constexpr const char* kBeginWriting = "begin_writing";
constexpr const char* kBeginSnapshot = "begin_snapshot";
constexpr const char* kCommit = "commit";
constexpr const char* kRollback = "rollback";
constexpr std::array<std::pair<const char*, const char*>, 4> kControl = {{
    {kBeginWriting, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
    {kBeginSnapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    {kCommit, "COMMIT"},
    {kRollback, "ROLLBACK"},
}};

// The server gives up first, and says why.
constexpr std::chrono::seconds kAnswerGrace{2};
constexpr std::string_view kDivisionByZero = "22012";
constexpr std::size_t kPreparedMax = 4096;  // as for SQLite: more texts than any program has literals

// Types by their fixed numbers
// (https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat).
constexpr Oid kUnspecified = 0;
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kUnknown = 705;
constexpr Oid kVarchar = 1043;
constexpr std::array kReadable = {kBool, kBytea, kName, kInt8, kInt2, kInt4, kText, kUnknown, kVarchar};

// https://www.postgresql.org/docs/15/errcodes-appendix.html
Code CodeOf(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  if (kind == "23") return Code::kConflict;
  if (kind == "40") return Code::kUnavailable;
  if (state == "53100" || state == "53200") return Code::kExhausted;
  if (kind == "53" || kind == "57" || state == "25006") return Code::kUnavailable;
  if (state == "08P01") return Code::kInternal;  // a statement with too few parameters, not a broken connection
  if (kind == "08") return Code::kUnavailable;
  if (kind == "28" || state == "42501") return Code::kDenied;
  if (state == "3D000" || state == "22021") return Code::kInvalid;
  if (state == "XX001" || state == "XX002") return Code::kCorrupt;
  return Code::kInternal;
}

std::string WithoutLineEnds(const char* text) {
  std::string message = text;
  while (message.ends_with('\n')) message.pop_back();
  std::ranges::replace(message, '\n', ' ');
  return message;
}

class ResultRow final : public Row {
 public:
  ResultRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool IsNull(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  std::int64_t Int(int column) const override {
    const std::string_view bytes = Text(column);
    std::uint64_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    switch (PQftype(result_, column)) {
      case kInt2: return static_cast<std::int16_t>(value);
      case kInt4: return static_cast<std::int32_t>(value);
      default: return static_cast<std::int64_t>(value);
    }
  }
  std::string_view Text(int column) const override {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  const PGresult* result_;
  int row_;
};

// The highest n of a $n, outside of quotes. Statements are our own literals, so quotes are '…' alone.
std::size_t ParametersOf(std::string_view sql) {
  std::size_t highest = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') is_quoted = !is_quoted;
    if (is_quoted || sql[i] != '$') continue;
    std::size_t number = 0;
    std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
    highest = std::max(highest, number);
  }
  return highest;
}

// What a URL says, as far as this file needs it.
struct Url {
  bool is_valid = false;
  bool is_remote = false;  // another machine over TCP
  bool has_sslmode = false;
};

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.") || host.starts_with('/') ||
         host.starts_with('@');
}

// libpq quotes what it does not understand, and that may be a part of a password with a character that means something
// in a URL. So what looks like that is not valid here.
Url ParseUrl(const std::string& text) {
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(text.c_str(), &error);
  Url url{.is_valid = options != nullptr};
  bool has_user = false;
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    const std::string_view name = option->keyword;
    const std::string_view value = option->val != nullptr ? option->val : "";
    if (value.empty()) continue;
    if (name == "user") has_user = true;
    if (name == "sslmode" || name == "service") url.has_sslmode = true;
    if (name == "host") {
      url.is_remote = !IsLoopback(value);
      if (value.find('@') != std::string_view::npos && !value.starts_with('@')) url.is_valid = false;
    }
  }
  if (text.find("://") != std::string::npos && text.find('@') != std::string::npos && !has_user) url.is_valid = false;
  PQconninfoFree(options);
  PQfreemem(error);
  return url;
}

}  // namespace

// The parameters of one statement as libpq takes them: binary, with the type that each one's C++ type stands for.
struct PgConnection::Bound {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  std::vector<std::int64_t> numbers;  // in network order; reserved, so that `values` may point here

  explicit Bound(std::span<const Parameter> parameters) {
    numbers.reserve(parameters.size());
    for (const Parameter& parameter : parameters) {
      if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
        numbers.push_back(static_cast<std::int64_t>(htobe64(static_cast<std::uint64_t>(*number))));
        Add(kInt8, {reinterpret_cast<const char*>(&numbers.back()), sizeof(std::int64_t)});
      } else if (const auto* text = std::get_if<std::string_view>(&parameter)) {
        Add(kText, *text);
      } else if (const auto* blob = std::get_if<Blob>(&parameter)) {
        Add(kBytea, blob->bytes);
      } else {
        Add(kUnspecified, {});
        values.back() = nullptr;
      }
    }
  }

  void Add(Oid type, std::string_view bytes) {
    types.push_back(type);
    values.push_back(bytes.empty() ? "" : bytes.data());
    lengths.push_back(static_cast<int>(bytes.size()));
    formats.push_back(1);
  }

  std::string Signature() const {
    std::string text;
    for (const Oid type : types) text.push_back(static_cast<char>(type));
    return text;
  }
  int count() const { return static_cast<int>(types.size()); }
};

PostgresError PgConnection::ErrorOf(const PGresult* result, std::string_view sql) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  PostgresError failed;
  failed.sqlstate = state != nullptr ? state : "";
  failed.is_conflict = failed.sqlstate == "40001" || failed.sqlstate == "40P01";
  failed.error = {.code = state != nullptr ? CodeOf(state) : Code::kUnavailable,
                  .message = WithoutLineEnds(primary != nullptr ? primary : PQresultErrorMessage(result)) + " (" +
                             failed.sqlstate + ") in: " + std::string(sql)};
  return failed;
}

// libpq itself failed: whatever is still on its way, this connection is not used again.
std::unexpected<PostgresError> PgConnection::FailHere(std::string_view sql) {
  is_lost_ = true;
  PostgresError failed;
  failed.is_broken = true;
  const std::string told = WithoutLineEnds(PQerrorMessage(handle_));
  failed.error = {.code = Code::kUnavailable,
                  .message = "PostgreSQL: " + (told.empty() ? "no answer" : told) + " in: " + std::string(sql)};
  return std::unexpected(std::move(failed));
}

PgConnection::~PgConnection() { PQfinish(handle_); }

PgExpected<std::unique_ptr<PgConnection>> PgConnection::Open(const PostgresOptions& options, PgCounters* counters) {
  const Url url = ParseUrl(options.url);
  if (!url.is_valid) {
    return std::unexpected(PostgresError{
        .error = {.code = Code::kInvalid,
                  .message =
                      "not a PostgreSQL database; write postgres://USER@HOST/NAME, with % before two hexadecimal "
                      "digits for characters that mean something there"},
        .sqlstate = {}});
  }
  const std::string connect_timeout = std::to_string(options.connect_max.count());
  // Records and sealed keys do not travel in clear text unless somebody says so.
  const char* sslmode = url.is_remote && !url.has_sslmode && std::getenv("PGSSLMODE") == nullptr ? "require" : "";
  // Before `dbname` what the URL may change, after it what must hold.
  const std::array<const char*, 9> names = {"application_name", "connect_timeout",     "tcp_user_timeout",
                                            "keepalives_idle",  "keepalives_interval", "sslmode",
                                            "dbname",           "client_encoding",     nullptr};
  const std::array<const char*, 9> values = {"firmsign", connect_timeout.c_str(), "15000", "10",   "5",
                                             sslmode,    options.url.c_str(),     "UTF8",  nullptr};
  PGconn* handle = PQconnectdbParams(names.data(), values.data(), 1);
  std::unique_ptr<PgConnection> connection(new PgConnection(handle, options.statement_max + kAnswerGrace));
  if (connection->is_broken()) {
    auto failed = connection->FailHere("connecting");
    const std::string& message = failed.error().error.message;
    // libpq keeps no SQLSTATE of a failed start.
    if (message.find("authentication failed") != std::string::npos ||
        message.find("no pg_hba.conf entry") != std::string::npos || message.find("role \"") != std::string::npos) {
      failed.error().error.code = Code::kDenied;
    } else if (message.find("database \"") != std::string::npos || message.find("invalid") != std::string::npos ||
               message.find("missing \"=\"") != std::string::npos) {
      failed.error().error.code = Code::kInvalid;
    }
    return failed;
  }
  // "relation exists, skipping" and the like.
  PQsetNoticeReceiver(connection->handle_, [](void*, const PGresult*) {}, nullptr);
  if (PQenterPipelineMode(connection->handle_) != 1) return connection->FailHere("entering pipeline mode");
  if (auto checked = connection->CheckServer(); !checked) return std::unexpected(std::move(checked).error());
  const std::string statement_millis = std::to_string(options.statement_max.count() * 1000);
  const std::string rest_millis = std::to_string(options.rest_max.count() * 1000);
  const auto set = connection->Run(
      "SELECT set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $2, "
      "false), set_config('search_path', CASE WHEN $3 = '' THEN current_setting('search_path') ELSE $3 END, false), "
      "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE "
      "current_setting('synchronous_commit') END, false)",
      std::array{ToParameter(statement_millis), ToParameter(rest_millis), ToParameter(options.schema)}, nullptr);
  if (!set) return std::unexpected(set.error());
  if (auto prepared = connection->PrepareControl(); !prepared) return std::unexpected(std::move(prepared).error());
  connection->counters_ = counters;
  return connection;
}

PgExpected<void> PgConnection::CheckServer() {
  const auto refuse = [](Code code, std::string message) {
    return std::unexpected(PostgresError{.error = {.code = code, .message = std::move(message)}, .sqlstate = {}});
  };
  if (const int version = PQserverVersion(handle_); version < kVersionMin) {
    return refuse(Code::kInvalid, "the PostgreSQL server has version " + std::to_string(version / 10000) +
                                      "; Firmsign needs 15 or later. Name another server.");
  }
  std::string encoding;
  bool is_replica = false;
  const OnRow read = [&](const Row& row) {
    encoding = row.String(0);
    is_replica = row.Int(1) != 0;
  };
  if (auto ran = Run("SELECT current_setting('server_encoding'), pg_is_in_recovery()", {}, &read); !ran) {
    return std::unexpected(std::move(ran).error());
  }
  if (encoding != "UTF8") {
    return refuse(Code::kInvalid, "the PostgreSQL database has the encoding " + encoding +
                                      "; create one with ENCODING 'UTF8' TEMPLATE template0 and name that.");
  }
  if (is_replica) {
    return refuse(Code::kUnavailable, "the PostgreSQL server is a read-only replica; name the primary server.");
  }
  return {};
}

PgExpected<void> PgConnection::PrepareControl() {
  for (const auto& [name, sql] : kControl) {
    if (PQsendPrepare(handle_, name, sql, 0, nullptr) != 1) return FailHere(sql);
    sent_.push_back({.sql = sql});
  }
  if (auto done = Receive(); !done) return std::unexpected(std::move(done).error());
  return {};
}

bool PgConnection::SendControl(const char* name) {
  return PQsendQueryPrepared(handle_, name, 0, nullptr, nullptr, nullptr, 1) == 1;
}

PgExpected<void> PgConnection::Commit() {
  SendQueued();
  if (!SendControl(kCommit)) return FailHere("COMMIT");
  sent_.push_back({.sql = "COMMIT"});
  if (auto done = Receive(); !done) return std::unexpected(std::move(done).error());
  return {};
}

void PgConnection::Leave() {
  queued_.reset();
  // The outcome of what was posted does not matter any more; but if it failed, all is skipped up to the next sync.
  const bool has_posted = !std::exchange(sent_, {}).empty();
  if (is_broken()) return;
  if (has_posted && PQpipelineSync(handle_) == 1) ++syncs_left_;
  if (!SendControl(kRollback) || PQpipelineSync(handle_) != 1) {
    is_lost_ = true;
    return;
  }
  ++syncs_left_;
}

// libpq would wait for ever for a server that is stopped, whose kernel goes on acknowledging.
PgConnection::Result PgConnection::Next() {
  const auto end = std::chrono::steady_clock::now() + answer_max_;
  while (PQisBusy(handle_) == 1) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd waited{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
    const int ready = left.count() > 0 ? poll(&waited, 1, static_cast<int>(left.count())) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      is_lost_ = true;
      return nullptr;
    }
    if (PQconsumeInput(handle_) != 1) break;  // PQgetResult tells why
  }
  return Result(PQgetResult(handle_));
}

void PgConnection::Drain() {
  bool was_null = false;
  while (syncs_left_ > 0) {
    // A null result ends each statement. Two of them mean that nothing comes any more: the server is gone, which libpq
    // does not always show in its status.
    const Result result = Next();
    if (!result && (was_null || is_broken())) {
      is_lost_ = true;
      return;
    }
    was_null = !result;
    if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) --syncs_left_;
  }
}

void PgConnection::SendQueued() {
  Drain();
  if (!queued_) return;
  const char* name = *std::exchange(queued_, {}) == Begin::kWriting ? kBeginWriting : kBeginSnapshot;
  if (SendControl(name)) {
    sent_.push_back({.sql = "BEGIN"});
  } else {
    is_lost_ = true;  // what follows would be a transaction each by itself
  }
}

PgExpected<PgConnection::Result> PgConnection::Receive() {
  const std::vector<Sent> sent = std::exchange(sent_, {});
  const std::string_view last_sql = sent.empty() ? "" : sent.back().sql;
  if (PQpipelineSync(handle_) != 1) return FailHere(last_sql);
  if (counters_ != nullptr) counters_->round_trips.fetch_add(1, std::memory_order_relaxed);
  Result last;
  std::optional<PostgresError> failed;
  for (const Sent& one : sent) {
    Result result = Next();
    if (!result) return FailHere(one.sql);
    const ExecStatusType status = PQresultStatus(result.get());
    // After a failure the rest of the pipeline is skipped, and tells only that.
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failed) {
      failed = ErrorOf(result.get(), one.sql);
      if (one.expects == Expects::kChange && failed->sqlstate == kDivisionByZero) {
        failed->error = {.code = Code::kConflict, .message = "no row was changed by: " + std::string(one.sql)};
      }
    }
    last = std::move(result);
    while (Next()) {
    }
  }
  const Result sync = Next();
  const bool is_in_step = sync && PQresultStatus(sync.get()) == PGRES_PIPELINE_SYNC;
  if (!failed) return is_in_step ? PgExpected<Result>(std::move(last)) : FailHere(last_sql);
  is_lost_ = is_lost_ || !is_in_step;
  failed->is_broken = is_broken();
  return std::unexpected(*std::move(failed));
}

PgExpected<const PgConnection::Prepared*> PgConnection::Prepare(std::string_view sql, const Bound& bound,
                                                                Expects expects) {
  Key key{.address = sql.data(), .length = sql.size(), .types = bound.Signature(), .expects = expects};
  auto found = prepared_.find(key);
  // An address may be used again by another text if it was no literal after all.
  if (found != prepared_.end() && found->second.sql != sql) {
    if (auto done = ReceivePosted(); !done) return std::unexpected(std::move(done).error());
    prepared_.erase(found);
    found = prepared_.end();
  }
  if (found != prepared_.end()) return &found->second;
  // Before anything is sent, so that nothing is left half-way.
  if (ParametersOf(sql) != static_cast<std::size_t>(bound.count())) {
    PostgresError failed;
    failed.error = {.code = Code::kInternal,
                    .message = "the statement has " + std::to_string(ParametersOf(sql)) + " parameters, " +
                               std::to_string(bound.count()) + " were given: " + std::string(sql)};
    return std::unexpected(std::move(failed));
  }
  SendQueued();
  // By itself, so that a statement that can be prepared is remembered whatever becomes of its first run.
  if (prepared_.size() >= kPreparedMax) {
    if (auto done = ReceivePosted(); !done) return std::unexpected(std::move(done).error());
    prepared_.clear();
    constexpr const char* kForgetAll = "DEALLOCATE ALL";
    if (PQsendQueryParams(handle_, kForgetAll, 0, nullptr, nullptr, nullptr, nullptr, 1) == 1) {
      sent_.push_back({.sql = kForgetAll});
    }
    if (auto done = PrepareControl(); !done) {
      is_lost_ = true;  // it could never end a transaction
      return std::unexpected(std::move(done).error());
    }
  }
  const std::string name = "s" + std::to_string(prepared_count_++);
  std::string text = SpellSkipLocked(sql, "FOR UPDATE SKIP LOCKED");
  // A statement without a row fails by itself; so the COMMIT that is already on its way behind it is not done.
  if (expects == Expects::kChange) text = "WITH changed AS (" + text + " RETURNING 1) SELECT 1 / count(*) FROM changed";
  if (PQsendPrepare(handle_, name.c_str(), text.c_str(), bound.count(), bound.types.data()) != 1) return FailHere(sql);
  sent_.push_back({.sql = sql});
  if (auto done = Receive(); !done) return std::unexpected(std::move(done).error());
  return &prepared_.emplace(std::move(key), Prepared{.name = name, .sql = std::string(sql)}).first->second;
}

// Texts that what was sent refers to may be forgotten after this.
PgExpected<void> PgConnection::ReceivePosted() {
  if (sent_.empty()) return {};
  if (auto done = Receive(); !done) return std::unexpected(std::move(done).error());
  return {};
}

PgExpected<void> PgConnection::Send(const Prepared& prepared, const Bound& bound, Expects expects) {
  SendQueued();
  if (PQsendQueryPrepared(handle_, prepared.name.c_str(), bound.count(), bound.values.data(), bound.lengths.data(),
                          bound.formats.data(), 1) != 1) {
    return FailHere(prepared.sql);
  }
  if (counters_ != nullptr) counters_->statements.fetch_add(1, std::memory_order_relaxed);
  sent_.push_back({.sql = prepared.sql, .expects = expects});
  return {};
}

PgExpected<void> PgConnection::Post(std::string_view sql, std::span<const Parameter> parameters, Expects expects) {
  const Bound bound(parameters);
  auto prepared = Prepare(sql, bound, expects);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  return Send(**prepared, bound, expects);
}

PgExpected<std::int64_t> PgConnection::Run(std::string_view sql, std::span<const Parameter> parameters,
                                           const OnRow* on_row) {
  const Bound bound(parameters);
  auto prepared = Prepare(sql, bound, Expects::kNothing);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  if (auto done = Send(**prepared, bound, Expects::kNothing); !done) return std::unexpected(std::move(done).error());
  PgExpected<Result> result = Receive();
  if (!result) return std::unexpected(std::move(result).error());
  const int columns = PQnfields(result->get());
  for (int column = 0; column < columns; ++column) {
    if (std::ranges::find(kReadable, PQftype(result->get(), column)) == kReadable.end()) {
      PostgresError failed;
      failed.error = {
          .code = Code::kInternal,
          .message = "column " + std::to_string(column) + " is neither number, text nor bytes in: " + std::string(sql)};
      return std::unexpected(std::move(failed));
    }
  }
  if (on_row != nullptr) {
    for (int row = 0; row < PQntuples(result->get()); ++row) (*on_row)(ResultRow(result->get(), row));
  }
  std::int64_t changed = 0;
  if (!std::string_view(PQcmdStatus(result->get())).starts_with("SELECT")) {
    const std::string_view tuples = PQcmdTuples(result->get());
    std::from_chars(tuples.data(), tuples.data() + tuples.size(), changed);
  }
  return changed;
}

std::vector<std::string> PgConnection::TakeNotices() {
  std::vector<std::string> notices;
  if (PQconsumeInput(handle_) != 1) is_lost_ = true;
  while (PGnotify* notice = PQnotifies(handle_)) {
    notices.emplace_back(notice->extra);
    PQfreemem(notice);
  }
  return notices;
}

PgExpected<void> PgConnection::RunOnce(std::string_view sql) {
  SendQueued();
  const std::string text(sql);
  if (PQsendQueryParams(handle_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return FailHere(sql);
  sent_.push_back({.sql = sql});
  if (auto result = Receive(); !result) return std::unexpected(std::move(result).error());
  return {};
}

}  // namespace firmsign::db
