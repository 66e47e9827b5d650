// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/signing_key_cache.h"

#include <algorithm>
#include <utility>

namespace firmsign::sigv4 {

SigningKeyCache::SigningKeyCache(std::size_t entries_max) : entries_max_(std::max<std::size_t>(entries_max, 1)) {}

SecretBytes SigningKeyCache::Get(const AccessKeyId& access_key, const SecretBytes& secret, const Scope& scope) {
  constexpr SecretAccess kAccess("to see whether a cached signing key still belongs to the secret");
  std::string id = access_key.str() + '/' + scope.str();
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
      const auto entry = found->second;
      if (ConstantTimeEquals(entry->secret.Reveal(kAccess), secret.Reveal(kAccess))) {
        entries_.splice(entries_.begin(), entries_, entry);
        return entry->signing_key;
      }
    }
  }
  // Derived without the lock: two threads may do it twice, which harms nobody.
  auto signing_key = SigningKey(secret, scope);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    const auto entry = found->second;
    by_id_.erase(found);
    entries_.erase(entry);
  }
  entries_.push_front({std::move(id), secret, signing_key});
  by_id_.emplace(entries_.front().id, entries_.begin());
  if (entries_.size() > entries_max_) {
    by_id_.erase(entries_.back().id);
    entries_.pop_back();
  }
  return signing_key;
}

std::size_t SigningKeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace firmsign::sigv4
