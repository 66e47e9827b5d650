// SPDX-License-Identifier: Apache-2.0

#include "services/iam/key_watcher.h"

#include "base/check.h"
#include "base/thread_name.h"
#include "platform/telemetry/log.h"

namespace firmsign::iam {

using telemetry::Level;
using telemetry::Log;

void KeyWatcher::Start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] {
    NameThisThread("key watcher");
    Run();
  });
}

void KeyWatcher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_wanted_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void KeyWatcher::Run() {
  bool was_away = false;
  while (true) {
    const auto caught_up = credentials_.CatchUp();
    // Once for each outage.
    if (!caught_up && !was_away)
      Log(Level::kWarning, "access_keys_not_watched", {{"cause", caught_up.error().message}});
    was_away = !caught_up;
    std::unique_lock lock(mutex_);
    if (stop_wanted_.wait_for(lock, interval_, [this] { return is_stopping_; })) return;
  }
}

}  // namespace firmsign::iam
