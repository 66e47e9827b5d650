// SPDX-License-Identifier: Apache-2.0

#include "services/s3/range.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace firmsign::s3 {
namespace {

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

RangeChoice ChooseRange(std::optional<std::string_view> header, std::uint64_t size) {
  const RangeChoice whole{.outcome = RangeOutcome::kWhole, .range = {.first = 0, .length = size}};
  const RangeChoice unsatisfiable{.outcome = RangeOutcome::kUnsatisfiable};
  constexpr std::string_view kUnit = "bytes=";
  if (!header || !header->starts_with(kUnit)) return whole;
  const std::string_view spec = TrimBlanks(header->substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return whole;
  const std::string_view left = TrimBlanks(spec.substr(0, dash));
  const std::string_view right = TrimBlanks(spec.substr(dash + 1));

  if (left.empty()) {
    const auto suffix = ParseNumber(right);
    if (!suffix) return whole;
    if (*suffix == 0 || size == 0) return unsatisfiable;
    const std::uint64_t length = std::min(*suffix, size);
    return {.outcome = RangeOutcome::kPart, .range = {.first = size - length, .length = length}};
  }
  const auto first = ParseNumber(left);
  if (!first) return whole;
  std::optional<std::uint64_t> last;
  if (!right.empty()) {
    last = ParseNumber(right);
    if (!last || *last < *first) return whole;
  }
  if (*first >= size) return unsatisfiable;
  const std::uint64_t end = last && *last < size - 1 ? *last + 1 : size;
  return {.outcome = RangeOutcome::kPart, .range = {.first = *first, .length = end - *first}};
}

bool MatchesEtag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view tag = TrimBlanks(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    if (tag == etag) return true;
  }
  return false;
}

ConditionOutcome Evaluate(const Conditions& conditions, std::string_view etag, Instant last_modified) {
  if (conditions.if_match) {
    if (!MatchesEtag(*conditions.if_match, etag)) return ConditionOutcome::kFailed;
  } else if (conditions.if_unmodified_since && Seconds(last_modified) > Seconds(*conditions.if_unmodified_since)) {
    return ConditionOutcome::kFailed;
  }
  if (conditions.if_none_match) {
    if (MatchesEtag(*conditions.if_none_match, etag)) return ConditionOutcome::kNotModified;
  } else if (conditions.if_modified_since && Seconds(last_modified) <= Seconds(*conditions.if_modified_since)) {
    return ConditionOutcome::kNotModified;
  }
  return ConditionOutcome::kProceed;
}

}  // namespace firmsign::s3
