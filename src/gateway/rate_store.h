// SPDX-License-Identifier: Apache-2.0
//
// The bank of rate limits that nodes share by sharing a database.

#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "gateway/rate_bank.h"
#include "platform/db/database.h"

namespace firmsign::gateway {

// The table gateway_rates. Whoever opens a deployment applies it (db::Migrate).
std::span<const db::Migration> Migrations();

// One transaction of one statement for each withdrawal; time is the database's. Thread safety: safe.
class DatabaseRateBank final : public RateBank {
 public:
  // The database outlives the bank.
  explicit DatabaseRateBank(db::Database& database) : database_(database) {}

  Expected<Withdrawal> Withdraw(std::string_view name, double per_second, double burst, std::int64_t wanted) override;

 private:
  Expected<void> DropFullBuckets(Instant now);

  db::Database& database_;
  std::atomic<std::int64_t> drop_at_{0};  // microseconds of the database's clock
};

}  // namespace firmsign::gateway
