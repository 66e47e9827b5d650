// SPDX-License-Identifier: Apache-2.0
//
// What the listings of objects, versions and uploads share.

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "model/s3.h"
#include "services/s3/names.h"
#include "services/s3/refuse.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

inline constexpr std::int64_t kPageMax = 1000;

// How many to tell: 1000 unless the client asks for less. nullopt: negative or no 32-bit number.
inline std::optional<std::int64_t> PageLimit(const std::optional<std::int64_t>& asked) {
  if (asked && (*asked < 0 || *asked > 2147483647)) return std::nullopt;
  return std::min(asked.value_or(kPageMax), kPageMax);
}
inline auto RefusePageLimit(std::string name, std::int64_t asked) {
  return RefuseArgument("Argument " + name + " must be an integer between 0 and 2147483647", name,
                        std::to_string(asked));
}

// encoding-type=url: keys can hold what XML 1.0 cannot.
struct NameEncoder {
  bool encodes = false;
  std::string operator()(std::string_view name) const {
    return encodes ? EncodePercent(name, /*keep_slash=*/true) : std::string(name);
  }
};

inline std::vector<CommonPrefix> TellGroups(const std::vector<std::string>& groups, const NameEncoder& encode) {
  std::vector<CommonPrefix> told;
  for (const std::string& group : groups) told.push_back({.prefix = encode(group)});
  return told;
}

inline Owner OwnerOf(const store::Bucket& bucket) { return {.id = CanonicalId(bucket.owner)}; }

}  // namespace firmsign::s3
