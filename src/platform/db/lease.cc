// SPDX-License-Identifier: Apache-2.0
//
// db_leases: one row for each name, never deleted, so that its fence never falls back. `ends_at` is in microseconds UTC
// of the database's clock; 0 when the lease was released.

#include "platform/db/lease.h"

#include <optional>
#include <utility>

#include "base/check.h"

namespace firmsign::db {
namespace {

constexpr Migration kMigrations[] = {
    {.component = "db_leases", .number = 1, .sql = R"sql(
CREATE TABLE db_leases (
  name {TEXT} NOT NULL PRIMARY KEY,
  holder {TEXT} NOT NULL,
  fence {INT} NOT NULL,
  ends_at {INT} NOT NULL
);
)sql"},
};

// One statement, because nobody may come between looking and taking. No row comes back when another holds the lease.
constexpr std::string_view kTake = R"sql(
INSERT INTO db_leases AS held (name, holder, fence, ends_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (name) DO UPDATE SET
  fence = held.fence + CASE WHEN held.holder = excluded.holder AND held.ends_at > $4 THEN 0 ELSE 1 END,
  holder = excluded.holder,
  ends_at = excluded.ends_at
WHERE held.holder = excluded.holder OR held.ends_at <= $4
RETURNING fence
)sql";

}  // namespace

std::span<const Migration> LeaseMigrations() { return kMigrations; }

Lease::Lease(Database& database, std::string name, std::string holder)
    : database_(database), name_(std::move(name)), holder_(std::move(holder)) {}

Expected<bool> Lease::Take(Duration length) {
  CHECK(length > Duration::zero());
  std::optional<std::int64_t> fence;
  RETURN_IF_ERROR(database_.InTransaction([&](Transaction& transaction) {
    fence.reset();
    // Asked for in here, so that what is run again after a pause does not take from a moment in the past.
    const Instant now = database_.Now();
    return transaction.Query(kTake, [&](const Row& row) { fence = row.Int(0); }, name_, holder_, now + length, now);
  }));
  if (!fence) return false;
  fence_.store(*fence);
  return true;
}

Expected<void> Lease::Release() {
  // By holder and not by fence: after a Take whose outcome nobody could tell, the fence is not known.
  return database_.InTransaction([&](Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute(
        "UPDATE db_leases SET ends_at = 0 WHERE name = $1 AND holder = $2 AND ends_at > 0", name_, holder_));
    return {};
  });
}

}  // namespace firmsign::db
