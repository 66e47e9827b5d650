// SPDX-License-Identifier: Apache-2.0
//
// Derived signing keys by access key and scope, so that a busy client costs one HMAC per request instead of five.

#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "aws/sigv4/sigv4.h"

namespace firmsign::sigv4 {

// Keeps the keys that were used last. Thread safety: safe.
class SigningKeyCache {
 public:
  explicit SigningKeyCache(std::size_t entries_max = 4096);

  // The signing key of `secret` for `scope`. A kept key is used only when it was derived from the same secret; when the
  // secret has changed, the old key is dropped.
  SecretBytes Get(const AccessKeyId& access_key, const SecretBytes& secret, const Scope& scope);

  std::size_t size() const;

 private:
  struct Entry {
    std::string id;  // access key and scope
    SecretBytes secret;
    SecretBytes signing_key;
  };

  const std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;                                                // the one used last comes first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_id_;  // keys are views into the entries
};

}  // namespace firmsign::sigv4
