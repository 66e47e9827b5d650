// SPDX-License-Identifier: Apache-2.0
//
// Context: what a request says about itself, under the names that conditions use.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firmsign::policy {

// Keys and their values; a key that a request does not have is absent, which is another thing than an empty value.
// Names are compared without regard to case, with the tag's name after a slash, too. Thread safety: confined to whoever
// fills it, then immutable.
class Context {
 public:
  using Values = std::vector<std::string>;

  Context() = default;
  // Has all that `base` has, which outlives it, and what is added. Its entries() are the added ones.
  explicit Context(const Context* base) : base_(base) {}

  // Adds a value to a key. The name may have any case.
  void Add(std::string_view key, std::string value);
  // The key is there though it may have no value: an empty list of tag keys.
  void AddKey(std::string_view key);
  // Instead of what was there.
  void Set(std::string_view key, std::string value);
  // All keys of another context; where both have a key, the other's values count.
  void Merge(const Context& other);

  // `key` in small letters. nullptr: absent.
  const Values* Find(std::string_view key) const;
  const std::vector<std::pair<std::string, Values>>& entries() const { return entries_; }
  // Those of the base, too.
  std::vector<std::pair<std::string, Values>> All() const;

 private:
  Values& At(std::string_view key);
  const Context* base_ = nullptr;
  std::vector<std::pair<std::string, Values>> entries_;  // some thirty: looked through one by one
};

}  // namespace firmsign::policy
