// SPDX-License-Identifier: Apache-2.0

#include "base/strong.h"

#include <algorithm>

namespace firmsign {
namespace {

constexpr std::size_t kRegionCharsMax = 32;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

bool IsAccountId(std::string_view text) { return text.size() == 12 && std::ranges::all_of(text, IsDigit); }

bool IsRegion(std::string_view text) {
  if (text.size() > kRegionCharsMax) return false;
  // Two or more groups of lower-case letters, then one of digits, each joined by one hyphen.
  std::size_t groups = 0;
  while (true) {
    const std::size_t end = std::min(text.find('-'), text.size());
    const std::string_view group = text.substr(0, end);
    if (group.empty()) return false;
    ++groups;
    if (end == text.size()) return groups >= 3 && std::ranges::all_of(group, IsDigit);
    if (!std::ranges::all_of(group, IsLower)) return false;
    text.remove_prefix(end + 1);
  }
}

}  // namespace firmsign
