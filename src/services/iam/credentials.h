// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the port by which the gateway learns secrets and identities, in front of the store.
//
// It runs on the threads that serve sockets, so what was found is kept in memory until it may have changed. Whoever
// changes or deletes a key calls Invalidate after the commit. Other nodes do not hear of that, so where there are any,
// a thread calls CatchUp once a second (key_watcher.h): for so long a key that was deleted still works there
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html says the same of IAM: changes are eventually
// consistent).
//
// What was not found is looked up again each time, else a new key would stay unknown. Only where the database is a
// network away is it remembered for a moment, so that a client with a wrong key does not keep these threads waiting.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <unordered_map>

#include "ports/credentials.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// How long, and how many of them, keys are remembered as unknown where several nodes share a database.
inline constexpr std::chrono::seconds kUnknownKeyKeptMax{1};
inline constexpr std::size_t kUnknownKeysMax = 1000;

struct CredentialsOptions {
  bool is_shared = false;  // other processes may change what is stored
  // A clock that nobody sets. Needed where is_shared.
  std::function<std::chrono::steady_clock::time_point()> steady_now = {};
};

// Thread safety: safe. Lifetime: the store outlives it.
class Credentials final : public ports::Credentials {
 public:
  explicit Credentials(Store& store, CredentialsOptions options = {});

  // Also kCorrupt when the secret does not open, and what db::Reader returns; these are not kept either.
  Expected<ports::Credential> Find(const AccessKeyId& key) const override;
  // Forgets one key; the next Find reads it again. Takes effect also on a Find that is reading meanwhile.
  void Invalidate(const AccessKeyId& key);
  // Forgets all keys if any was added, changed or deleted since the last time, by whatever process. One small read;
  // when it fails, what is known is kept.
  Expected<void> CatchUp();

 private:
  Store& store_;
  const CredentialsOptions options_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<AccessKeyId, ports::Credential> found_;
  mutable std::unordered_map<AccessKeyId, std::chrono::steady_clock::time_point> unknown_;  // until when
  std::uint64_t invalidations_ = 0;
  std::int64_t changes_seen_ = -1;  // Store::Changes when CatchUp asked last
};

}  // namespace firmsign::iam
