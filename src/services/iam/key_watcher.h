// SPDX-License-Identifier: Apache-2.0
//
// The thread that notices what other nodes did to access keys: it lets the credentials catch up once a second.
//
// While the database is away they keep what they know, so that a short outage costs nobody a key.

#pragma once

#include "base/repeater.h"
#include "base/time.h"
#include "services/iam/credentials.h"

namespace firmsign::iam {

// Thread safety: Start and Stop belong to one thread.
class KeyWatcher {
 public:
  // `credentials` outlives the watcher.
  explicit KeyWatcher(Credentials& credentials, Duration interval = std::chrono::seconds(1))
      : credentials_(credentials), interval_(interval) {}

  void Start();
  // Idempotent.
  void Stop() { repeater_.Stop(); }

 private:
  void Look();

  Credentials& credentials_;
  const Duration interval_;
  bool was_away_ = false;  // the database, at the last look
  Repeater repeater_;
};

}  // namespace firmsign::iam
