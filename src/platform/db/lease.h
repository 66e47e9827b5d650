// SPDX-License-Identifier: Apache-2.0
//
// A named lease in the database, for work that must run on one node at a time and moves when that node is gone.
//
// Time is the database's (Database::Now), so a node with a wrong wall clock neither takes early nor holds late. A
// holder that is stopped in the middle of its work can still wake up after its lease has ended and another has taken
// it: what it then writes is told apart by the fence, a number that every taking raises and a renewal keeps. Work whose
// late writes would do harm compares it in its own transactions.

#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::db {

// The table db_leases. Whoever opens a deployment applies it (Migrate).
std::span<const Migration> LeaseMigrations();

// Thread safety: safe.
class Lease {
 public:
  // `holder` tells one run of one process from all others, for instance a random id made at start: two that share it
  // both hold the lease. The database outlives this; what is held at the end of this object stays held until its end.
  Lease(Database& database, std::string name, std::string holder);

  // True: ours, from the database's now for `length`, which is positive; newly taken, or renewed when it was ours
  // still. False: another holds it. Errors are the database's; after one, the lease may be ours or not, and only
  // another Take tells.
  Expected<bool> Take(Duration length);

  // Lets others take it at once, if it is ours. Does nothing when it is not, or no more.
  Expected<void> Release();

  // The number of the last taking that succeeded here; 0 before the first. Each taking of this name, by anyone, has a
  // higher one than all before it.
  std::int64_t fence() const { return fence_.load(); }

 private:
  Database& database_;
  const std::string name_;
  const std::string holder_;
  std::atomic<std::int64_t> fence_{0};
};

}  // namespace firmsign::db
