// SPDX-License-Identifier: Apache-2.0
//
// When and for what access keys were used last, by the quarter of an hour: noted in memory by each request, written
// once a minute. A crash loses a minute of it.

#pragma once

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/repeater.h"
#include "base/strong.h"
#include "base/time.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Thread safety: Note and Write are safe; Start and Stop belong to one thread. Lifetime: the store outlives it.
class KeyUsage {
 public:
  explicit KeyUsage(Store& store) : store_(store) {}
  ~KeyUsage() { Stop(); }

  void Note(const AccessKeyId& key, const Region& region, std::string_view service, Instant now);
  // What was noted and not yet written. It is noted again when this fails.
  Expected<void> Write();

  void Start();
  // Writes what is left. Idempotent.
  void Stop();

 private:
  static constexpr std::chrono::minutes kPrecision{15};
  static constexpr std::size_t kKeysMax = 10'000;

  Store& store_;
  std::shared_mutex mutex_;
  std::unordered_map<AccessKeyId, Instant> noted_at_;
  std::unordered_map<AccessKeyId, KeyUse> unwritten_;
  bool is_running_ = false;
  Repeater repeater_;
};

}  // namespace firmsign::iam
