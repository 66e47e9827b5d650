// SPDX-License-Identifier: Apache-2.0
//
// Which bytes a request wants (RFC 9110 §14), and whether it wants them at all (§13).

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace firmsign::s3 {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

enum class RangeOutcome { kWhole, kPart, kUnsatisfiable };

struct RangeChoice {
  RangeOutcome outcome = RangeOutcome::kWhole;
  ByteRange range;  // kWhole: everything
};

// What `header` ("bytes=0-99", "bytes=100-", "bytes=-5") means for an object of `size` bytes. As S3 does, a header that
// is malformed or names several ranges is taken as absent.
RangeChoice ChooseRange(std::optional<std::string_view> header, std::uint64_t size);

struct Conditions {
  std::optional<std::string_view> if_match;
  std::optional<std::string_view> if_none_match;
  std::optional<Instant> if_modified_since;
  std::optional<Instant> if_unmodified_since;
};
enum class ConditionOutcome { kProceed, kNotModified, kFailed };

// The order of RFC 9110 §13.2.2. `etag` without quotes. Times are compared by the second, as headers carry them.
ConditionOutcome Evaluate(const Conditions& conditions, std::string_view etag, Instant last_modified);

// Whether a list of entity tags, each with or without quotes and W/, or "*", holds `etag`.
bool MatchesEtag(std::string_view list, std::string_view etag);

}  // namespace firmsign::s3
