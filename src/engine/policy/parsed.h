// SPDX-License-Identifier: Apache-2.0
//
// Documents that were parsed before, found again by their text.

#pragma once

#include <cstddef>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "engine/policy/document.h"

namespace firmsign::policy {

// Thread safety: safe.
class ParsedPolicies {
 public:
  // `source` as in Policy. kInvalid as ParseDocument.
  Expected<std::shared_ptr<const Policy>> Get(const std::string& source, std::string_view text, DocumentKind kind);

 private:
  static constexpr std::size_t kCountMax = 1000;  // one more forgets all; a document has at most some 20 KiB

  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Policy>> parsed_;
};

}  // namespace firmsign::policy
