// SPDX-License-Identifier: Apache-2.0
//
// Kept: what was read once, for as long as its generation lasts.

#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace firmsign::iam {

// Thread safety: safe.
template <class Value>
class Kept {
 public:
  // At most `count_max` values; one more forgets all.
  explicit Kept(std::size_t count_max) : count_max_(count_max) {}

  std::optional<Value> Find(const std::string& key, std::uint64_t generation) const {
    const std::shared_lock lock(mutex_);
    if (generation != generation_) return std::nullopt;
    const auto found = values_.find(key);
    return found != values_.end() ? std::optional(found->second) : std::nullopt;
  }

  // `generation`: the one that was current before the value was read.
  void Keep(const std::string& key, std::uint64_t generation, Value value) {
    const std::unique_lock lock(mutex_);
    if (generation < generation_) return;
    if (generation > generation_ || values_.size() >= count_max_) values_.clear();
    generation_ = generation;
    values_.insert_or_assign(key, std::move(value));
  }

 private:
  const std::size_t count_max_;
  mutable std::shared_mutex mutex_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, Value> values_;
};

}  // namespace firmsign::iam
