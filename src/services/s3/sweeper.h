// SPDX-License-Identifier: Apache-2.0
//
// The thread that removes left-over files: at start, and then every few hours. Of several nodes over one database, one
// sweeps at a time.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/repeater.h"
#include "base/time.h"
#include "platform/db/lease.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

struct SweeperOptions {
  std::string holder = "this process";     // names this run of this node, as db::Lease wants it
  Duration age = std::chrono::hours(168);  // as in SweepLeftOverFiles
  Duration interval = std::chrono::hours(6);
  std::function<void()> on_looked = {};  // called after each time, whether it swept or not
};

// Thread safety: Start and Stop belong to one thread.
class Sweeper {
 public:
  // `service` outlives the sweeper.
  Sweeper(Service& service, const SweeperOptions& options)
      : service_(service), options_(options), lease_(service.database, "s3/sweeper", options.holder) {}

  // Does nothing in a store without a folder.
  void Start();
  // Ends a sweep that is under way. Idempotent.
  void Stop() { repeater_.Stop(); }

 private:
  void Sweep();
  // One sweep, if no other node holds the lease; how many files were removed.
  Expected<std::int64_t> SweepOnce();

  Service& service_;
  const SweeperOptions options_;
  db::Lease lease_;
  Repeater repeater_;
};

}  // namespace firmsign::s3
