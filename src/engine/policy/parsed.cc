// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/parsed.h"

#include <mutex>
#include <utility>

namespace firmsign::policy {

Expected<std::shared_ptr<const Policy>> ParsedPolicies::Get(const std::string& source, std::string_view text,
                                                            DocumentKind kind) {
  std::string key = std::to_string(static_cast<int>(kind)) + source + '\n';
  key += text;
  {
    const std::shared_lock lock(mutex_);
    const auto found = parsed_.find(key);
    if (found != parsed_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(Document document, ParseDocument(text, kind));
  auto policy = std::make_shared<const Policy>(source, std::move(document));
  const std::unique_lock lock(mutex_);
  if (parsed_.size() >= kCountMax) parsed_.clear();
  parsed_.insert_or_assign(std::move(key), policy);
  return policy;
}

}  // namespace firmsign::policy
