// SPDX-License-Identifier: Apache-2.0
//
// Deletes profiles that were canceled long ago: two years, says the guide. Their names can be given again then; jobs
// stay.
//
// Revoked profiles are kept, because what they signed is asked about for as long as somebody holds it.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/random.h"
#include "base/repeater.h"
#include "platform/db/lease.h"
#include "ports/audit_trail.h"
#include "services/signer/store.h"

namespace firmsign::signer {

struct RetentionOptions {
  std::string holder = "this process";  // names this run of this node, as db::Lease wants it
  Duration keep = std::chrono::hours(24 * 730);
  Duration interval = std::chrono::hours(1);
  std::function<void()> on_looked = {};  // called after each time, whether something was deleted or not
};

// Thread safety: Start and Stop belong to one thread.
class Retention {
 public:
  // All of them outlive it.
  Retention(Store& store, ports::AuditTrail& audit_trail, Random& random, const RetentionOptions& options)
      : store_(store),
        audit_trail_(audit_trail),
        random_(random),
        options_(options),
        lease_(store.database(), "signer/retention", options.holder) {}

  void Start();
  // Idempotent.
  void Stop() { repeater_.Stop(); }

  // Deletes what is due by the database's clock, each with an audit record; how many there were. Of several nodes one
  // does so at a time. What the thread does, made callable for tests.
  Expected<std::int64_t> DeleteDue();

 private:
  Store& store_;
  ports::AuditTrail& audit_trail_;
  Random& random_;
  const RetentionOptions options_;
  db::Lease lease_;
  Repeater repeater_;
};

}  // namespace firmsign::signer
