// SPDX-License-Identifier: Apache-2.0
//
// Strong types for identities, so that a job id is never passed where an account is meant.

#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace firmsign {

// A string that names one kind of thing. `Tag` is never defined.
template <class Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(std::string value) : value_(std::move(value)) {}
  explicit Strong(std::string_view value) : value_(value) {}
  explicit Strong(const char* value) : value_(value) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend auto operator<=>(const Strong&, const Strong&) = default;

 private:
  std::string value_;
};

using AccountId = Strong<struct AccountIdTag>;      // 12 digits
using Region = Strong<struct RegionTag>;            // us-east-1
using RequestId = Strong<struct RequestIdTag>;      // a UUID; what the client sees and the log repeats
using AccessKeyId = Strong<struct AccessKeyIdTag>;  // AKIA…

// True for exactly twelve ASCII digits.
bool IsAccountId(std::string_view text);
// True for what AWS's region names look like: `aa-bbbb-1`, lower case, at most 32 characters.
bool IsRegion(std::string_view text);

}  // namespace firmsign

template <class Tag>
struct std::hash<firmsign::Strong<Tag>> {
  std::size_t operator()(const firmsign::Strong<Tag>& value) const noexcept {
    return std::hash<std::string>()(value.str());
  }
};
