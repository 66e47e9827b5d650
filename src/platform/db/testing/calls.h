// SPDX-License-Identifier: Apache-2.0
//
// Counts calls, and lets a test wait for them.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace firmsign::db::testing {

// Thread safety: safe.
class Calls {
 public:
  void Add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    came_.notify_all();
  }
  // Whether there are `count` in all within a time that is ample.
  bool Await(int count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= count; });
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable came_;
  int count_ = 0;
};

}  // namespace firmsign::db::testing
