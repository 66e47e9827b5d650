// SPDX-License-Identifier: Apache-2.0
//
// The thread that removes left-over files: at start, and then every few hours.

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

struct SweeperOptions {
  Duration age = std::chrono::hours(168);  // as in SweepLeftOverFiles
  Duration interval = std::chrono::hours(6);
};

// Thread safety: Start and Stop belong to one thread.
class Sweeper {
 public:
  // `service` outlives the sweeper.
  Sweeper(Service& service, const SweeperOptions& options) : service_(service), options_(options) {}
  ~Sweeper() { Stop(); }

  void Start();
  // Ends a sweep that is under way. Idempotent.
  void Stop();

 private:
  void Run();
  bool is_stopping() const;

  Service& service_;
  const SweeperOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable stop_wanted_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace firmsign::s3
