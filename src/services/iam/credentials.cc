// SPDX-License-Identifier: Apache-2.0

#include "services/iam/credentials.h"

#include <mutex>

namespace firmsign::iam {

Expected<ports::Credential> Credentials::Find(const AccessKeyId& key) const {
  std::uint64_t invalidations_before = 0;
  const Instant now = store_.database().Now();
  {
    const std::shared_lock lock(mutex_);
    const auto found = found_.find(key);
    if (found != found_.end() && (!is_shared_ || now - found->second.at < kCredentialKeptMax)) {
      return found->second.credential;
    }
    invalidations_before = invalidations_;
  }
  ASSIGN_OR_RETURN(AccessKey stored, store_.FindAccessKey(key));
  if (!stored.is_active) return Fail(Code::kNotFound, "access key " + key.str() + " is inactive");
  ports::Credential credential{.principal = policy::RootOf(stored.account, key), .secret = std::move(stored.secret)};
  const std::unique_lock lock(mutex_);
  // What was read before an invalidation may be what was invalidated; it is used once and not kept.
  if (invalidations_ == invalidations_before) found_.insert_or_assign(key, Found{.credential = credential, .at = now});
  return credential;
}

void Credentials::Invalidate(const AccessKeyId& key) {
  const std::unique_lock lock(mutex_);
  ++invalidations_;
  found_.erase(key);
}

}  // namespace firmsign::iam
