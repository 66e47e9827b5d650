// SPDX-License-Identifier: Apache-2.0
//
// gateway_rates: one row for each bucket that was drawn from of late. Tokens come into being one after another, each at
// a moment of its own; `spent_until` is the moment up to which they are spent, in nanoseconds since 1970 of the
// database's clock. So what a bucket holds is the time since then divided by the time that one token takes, at most its
// burst; nothing needs to be filled, no fraction gets lost, and a limit that is changed counts from there. `granted`
// hands the number out of the one statement and means nothing later.

#include "gateway/rate_store.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace firmsign::gateway {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "gateway", .number = 1, .sql = R"sql(
CREATE TABLE gateway_rates (
  name {TEXT} NOT NULL PRIMARY KEY,
  spent_until {INT} NOT NULL,
  granted {INT} NOT NULL
);
)sql"},
};

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Nodes that know the database's clock to within their round trip disagree by less than this. A bucket that is spent
// further into the future was so before that clock was set back.
constexpr std::int64_t kDisagreementMax = 10 * kNanosPerSecond;

// A row that lies behind by this much is a full bucket, as one that does not exist: no burst takes so long to fill.
constexpr Duration kForget = std::chrono::hours(24);
constexpr Duration kDropEvery = std::chrono::hours(1);

// One statement, so that withdrawals at the same time come one after another on the row.
// $2: a full bucket less the whole batch; $3: the batch; $4: the latest spent_until that leaves a whole batch; $5: now;
// $6: the time of one token; $7: spent_until of a full bucket; $8: the time of a batch; $9: too far in the future.
constexpr std::string_view kWithdraw = R"sql(
INSERT INTO gateway_rates AS bucket (name, spent_until, granted) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET
  granted = CASE
    WHEN bucket.spent_until <= $4 THEN $3
    WHEN bucket.spent_until >= $5 THEN 0
    ELSE ($5 - bucket.spent_until) / $6 END,
  spent_until = CASE
    WHEN bucket.spent_until <= $7 THEN $2
    WHEN bucket.spent_until <= $4 THEN bucket.spent_until + $8
    WHEN bucket.spent_until < $5 THEN bucket.spent_until + ($5 - bucket.spent_until) / $6 * $6
    WHEN bucket.spent_until > $9 THEN $5
    ELSE bucket.spent_until END
RETURNING granted, spent_until
)sql";

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

Expected<RateBank::Withdrawal> DatabaseRateBank::Withdraw(std::string_view name, double per_second, double burst,
                                                          std::int64_t wanted) {
  CHECK(per_second >= 1e-3 && per_second <= 1e6 && burst >= 1 && wanted >= 1);
  const std::int64_t token = std::llround(kNanosPerSecond / per_second);
  const std::int64_t full = std::llround(burst * static_cast<double>(token));
  const std::int64_t count = std::min(wanted, static_cast<std::int64_t>(burst));
  const std::int64_t batch = count * token;
  Withdrawal withdrawal;
  Instant now;
  RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) {
    // Asked for in here, so that what is run again after a pause counts that, too.
    now = database_.Now();
    const std::int64_t nanos = now.micros * 1000;
    return transaction.Query(
        kWithdraw,
        [&](const db::Row& row) {
          withdrawal.granted = row.Int(0);
          const std::int64_t next_in = row.Int(1) + token - nanos;
          withdrawal.next_in = Duration(next_in > 0 ? (next_in + 999) / 1000 : 0);
        },
        name, nanos - full + batch, count, nanos - batch, nanos, token, nanos - full, batch, nanos + kDisagreementMax);
  }));
  if (withdrawal.granted == wanted) withdrawal.next_in = Duration::zero();
  // Whether this succeeds is no matter of the caller's.
  static_cast<void>(DropFullBuckets(now));
  return withdrawal;
}

// Any number of nodes may do this at once. A bucket that is drawn from at this moment is recent, and a row that is
// dropped under a withdrawal comes back as the full bucket that it was.
Expected<void> DatabaseRateBank::DropFullBuckets(Instant now) {
  std::int64_t due = drop_at_.load();
  if (now.micros < due || !drop_at_.compare_exchange_strong(due, (now + kDropEvery).micros)) return {};
  return database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(
        transaction.Execute("DELETE FROM gateway_rates WHERE spent_until < $1", (now - kForget).micros * 1000));
    return {};
  });
}

}  // namespace firmsign::gateway
