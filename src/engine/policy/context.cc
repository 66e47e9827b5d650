// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/context.h"

#include <algorithm>

#include "base/encoding.h"

namespace firmsign::policy {

Context::Values& Context::At(std::string_view key) {
  std::string small = ToLower(key);
  const auto found = std::ranges::find(entries_, small, &std::pair<std::string, Values>::first);
  if (found != entries_.end()) return found->second;
  return entries_.emplace_back(std::move(small), Values()).second;
}

void Context::Add(std::string_view key, std::string value) { At(key).push_back(std::move(value)); }

void Context::AddKey(std::string_view key) { At(key); }

void Context::Set(std::string_view key, std::string value) {
  Values& values = At(key);
  values.clear();
  values.push_back(std::move(value));
}

void Context::Merge(const Context& other) {
  for (const auto& [key, values] : other.entries_) At(key) = values;
}

std::vector<std::pair<std::string, Context::Values>> Context::All() const {
  Context all;
  if (base_ != nullptr) all.entries_ = base_->All();
  all.Merge(*this);
  return std::move(all.entries_);
}

const Context::Values* Context::Find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &std::pair<std::string, Values>::first);
  if (found != entries_.end()) return &found->second;
  return base_ != nullptr ? base_->Find(key) : nullptr;
}

}  // namespace firmsign::policy
