// SPDX-License-Identifier: Apache-2.0
//
// The generation: a number that rises with every change of identities and policies. What is kept in memory counts only
// for the generation in which it was read, so a change counts from the next request on.
//
// In a process alone with its database the number lives in memory. Where nodes share a database, each holds a lease of
// two seconds on the generation that it knows: it renews the lease several times in that time, and at once when another
// node notifies it. Who makes a change returns to its caller when every node has renewed its lease on the new
// generation or has lost it; a node without a lease asks the database in each request. So no node decides by what was
// before a change that was acknowledged, and a database that is away for a moment stops nobody for longer than a lease.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "base/repeater.h"
#include "platform/db/database.h"

namespace firmsign::iam {

inline constexpr std::chrono::seconds kGenerationLease{2};

struct GenerationOptions {
  bool is_shared = false;  // other processes may change what is stored
  std::string node;        // this one's name; where is_shared
  // A clock that nobody sets. Needed where is_shared.
  std::function<std::chrono::steady_clock::time_point()> steady_now = {};
};

// Thread safety: safe; Start and Stop belong to one thread. Lifetime: the database outlives it.
class Generation {
 public:
  Generation(db::Database& database, GenerationOptions options);
  ~Generation() { Stop(); }

  // From memory, or, without a lease, what the database says; then also the codes of db::Reader.
  Expected<std::uint64_t> Current() const;

  // First in a transaction that changes something: makes such transactions come one after another.
  static Expected<void> BeginChange(db::Transaction& transaction);
  // After the commit. Returns when no node goes by what was before; at the latest when their leases have run out.
  void Announce();

  // Learns the present generation and tells the others that this node knows it. What the thread of Start does; also the
  // codes of db::Database.
  Expected<void> Renew();

  // Keeps the lease, where nodes share the database.
  void Start();
  // Gives it back. Idempotent.
  void Stop();

 private:
  Expected<std::uint64_t> Read() const;
  void RenewOrLog();
  Expected<bool> OthersKnow(std::uint64_t generation);
  void Know(std::uint64_t generation) const;

  db::Database& database_;
  const GenerationOptions options_;
  mutable std::atomic<std::uint64_t> known_ = 0;
  std::atomic<std::chrono::steady_clock::rep> lease_until_ = 0;
  bool was_away_ = false;  // the database, at the last renewal
  Repeater repeater_;
  std::unique_ptr<db::Listening> listening_;
};

}  // namespace firmsign::iam
