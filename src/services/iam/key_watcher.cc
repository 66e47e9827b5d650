// SPDX-License-Identifier: Apache-2.0

#include "services/iam/key_watcher.h"

#include "platform/telemetry/log.h"

namespace firmsign::iam {

using telemetry::Level;
using telemetry::Log;

void KeyWatcher::Start() {
  repeater_.Start("key watcher", interval_, [this] { Look(); });
}

void KeyWatcher::Look() {
  const auto caught_up = credentials_.CatchUp();
  // Once for each outage.
  if (!caught_up && !was_away_) Log(Level::kWarning, "access_keys_not_watched", {{"cause", caught_up.error().message}});
  was_away_ = !caught_up;
}

}  // namespace firmsign::iam
