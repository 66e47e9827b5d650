// SPDX-License-Identifier: Apache-2.0

#include "base/repeater.h"

#include "base/check.h"
#include "base/thread_name.h"

namespace firmsign {

void Repeater::Start(const char* name, Duration interval, std::function<void()> work) {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this, name, interval, work = std::move(work)] {
    NameThisThread(name);
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
      lock.unlock();
      work();
      lock.lock();
      wanted_.wait_for(lock, interval, [this] { return is_stopping_ || is_woken_; });
      is_woken_ = false;
    }
  });
}

void Repeater::Wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  wanted_.notify_all();
}

void Repeater::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wanted_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Repeater::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

}  // namespace firmsign
