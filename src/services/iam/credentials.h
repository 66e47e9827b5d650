// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the port by which the gateway learns secrets and identities, in front of the store.
//
// It runs on the threads that serve sockets, so what was found is kept in memory. What was not found is looked up
// again each time, else a new key would stay unknown. Whoever changes or deletes a key calls Invalidate after the
// commit. With several nodes on one database a node would not hear of another's change; that comes with PostgreSQL.

#pragma once

#include <cstdint>
#include <shared_mutex>
#include <unordered_map>

#include "ports/credentials.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Thread safety: safe. Lifetime: the store outlives it.
class Credentials final : public ports::Credentials {
 public:
  explicit Credentials(Store& store) : store_(store) {}

  // Also kCorrupt when the secret does not open, and what db::Reader returns; these are not kept either.
  Expected<ports::Credential> Find(const AccessKeyId& key) const override;
  // Forgets one key; the next Find reads it again. Takes effect also on a Find that is reading meanwhile.
  void Invalidate(const AccessKeyId& key);

 private:
  Store& store_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<AccessKeyId, ports::Credential> found_;
  std::uint64_t invalidations_ = 0;
};

}  // namespace firmsign::iam
