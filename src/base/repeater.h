// SPDX-License-Identifier: Apache-2.0
//
// Repeater: a thread that does its work at once and then again and again until it is stopped.

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/time.h"

namespace firmsign {

// Thread safety: Start and Stop belong to one thread; is_stopping and Wake are safe.
class Repeater {
 public:
  Repeater() = default;
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;
  ~Repeater() { Stop(); }

  // Calls `work` on a thread of this name: at once, and `interval` after each time that it returned. At most once.
  void Start(const char* name, Duration interval, std::function<void()> work);
  // Begins the next work at once, or again after one that is under way.
  void Wake();
  // Lets a work that is under way end, and no further one begin. Idempotent.
  void Stop();
  // For work that takes long: whether it should end early.
  bool is_stopping() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  bool is_stopping_ = false;
  bool is_woken_ = false;
  std::thread thread_;
};

}  // namespace firmsign
