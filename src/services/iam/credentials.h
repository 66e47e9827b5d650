// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the port by which the gateway learns secrets and identities, in front of the store.
//
// It runs on the threads that serve sockets, so what was found is kept in memory. What was not found is looked up
// again each time, else a new key would stay unknown. Whoever changes or deletes a key calls Invalidate after the
// commit. Other nodes do not hear of that, so where there are any, nothing is kept longer than a few seconds: for so
// long a key that was deleted still works there (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
// says the same of IAM: changes are eventually consistent).

#pragma once

#include <cstdint>
#include <shared_mutex>
#include <unordered_map>

#include "ports/credentials.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// How long what was found may be kept where several nodes share a database.
inline constexpr Duration kCredentialKeptMax = std::chrono::seconds(5);

// Thread safety: safe. Lifetime: the store outlives it.
class Credentials final : public ports::Credentials {
 public:
  // `is_shared`: other processes may change what is stored.
  explicit Credentials(Store& store, bool is_shared = false) : store_(store), is_shared_(is_shared) {}

  // Also kCorrupt when the secret does not open, and what db::Reader returns; these are not kept either.
  Expected<ports::Credential> Find(const AccessKeyId& key) const override;
  // Forgets one key; the next Find reads it again. Takes effect also on a Find that is reading meanwhile.
  void Invalidate(const AccessKeyId& key);

 private:
  struct Found {
    ports::Credential credential;
    Instant at;
  };

  Store& store_;
  const bool is_shared_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<AccessKeyId, Found> found_;
  std::uint64_t invalidations_ = 0;
};

}  // namespace firmsign::iam
