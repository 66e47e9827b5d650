// SPDX-License-Identifier: Apache-2.0

#include "services/iam/credentials.h"

#include <mutex>
#include <utility>

#include "base/check.h"

namespace firmsign::iam {

Credentials::Credentials(Store& store, CredentialsOptions options) : store_(store), options_(std::move(options)) {
  CHECK(!options_.is_shared || options_.steady_now);
}

Expected<ports::Credential> Credentials::Find(const AccessKeyId& key) const {
  const auto unknown = [&] { return Fail(Code::kNotFound, "there is no active access key " + key.str()); };
  std::uint64_t invalidations_before = 0;
  std::chrono::steady_clock::time_point began;
  {
    const std::shared_lock lock(mutex_);
    const auto found = found_.find(key);
    if (found != found_.end()) return found->second;
    if (options_.is_shared) {
      began = options_.steady_now();
      const auto absent = unknown_.find(key);
      if (absent != unknown_.end() && began < absent->second) return unknown();
    }
    invalidations_before = invalidations_;
  }
  Expected<AccessKey> stored = store_.FindAccessKey(key);
  if (!stored && stored.error().code != Code::kNotFound) return std::unexpected(std::move(stored).error());
  const std::unique_lock lock(mutex_);
  // What was read before an invalidation may be what was invalidated; it is used once and not kept.
  const bool is_current = invalidations_ == invalidations_before;
  if (!stored || !stored->is_active) {
    if (options_.is_shared && is_current) {
      if (unknown_.size() >= kUnknownKeysMax) unknown_.clear();
      unknown_.insert_or_assign(key, began + kUnknownKeyKeptMax);
    }
    return unknown();
  }
  ports::Credential credential{.principal = policy::RootOf(stored->account, key), .secret = std::move(stored->secret)};
  if (is_current) found_.insert_or_assign(key, credential);
  return credential;
}

void Credentials::Invalidate(const AccessKeyId& key) {
  const std::unique_lock lock(mutex_);
  ++invalidations_;
  found_.erase(key);
  unknown_.erase(key);
}

Expected<void> Credentials::CatchUp() {
  ASSIGN_OR_RETURN(const std::int64_t changes, store_.Changes());
  const std::unique_lock lock(mutex_);
  if (changes == changes_seen_) return {};
  changes_seen_ = changes;
  ++invalidations_;
  found_.clear();
  unknown_.clear();
  return {};
}

}  // namespace firmsign::iam
