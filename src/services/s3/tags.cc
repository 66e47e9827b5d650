// SPDX-License-Identifier: Apache-2.0

#include "services/s3/tags.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "platform/regex/regex.h"
#include "services/s3/headers.h"

namespace firmsign::s3 {
namespace {

// As AWS's tagging services have it. Matches nothing that is not UTF-8.
constexpr std::string_view kCharacters = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)";
constexpr std::string_view kReservedPrefix = "aws:";
constexpr std::size_t kUtf8BytesMax = 4;

bool IsText(std::string_view text, std::size_t characters_max) {
  if (text.size() > characters_max * kUtf8BytesMax || !regex::Cached(kCharacters).MatchesWhole(text)) return false;
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, is_first_byte)) <= characters_max;
}

}  // namespace

std::optional<std::vector<Tag>> ParseTags(std::string_view text) {
  std::vector<Tag> tags;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto key = DecodePercent(pair.substr(0, equals), /*plus_is_blank=*/true);
    const auto value = DecodePercent(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1),
                                     /*plus_is_blank=*/true);
    if (!key || !value) return std::nullopt;
    tags.push_back({.key = *key, .value = *value});
  }
  return tags;
}

std::vector<std::pair<std::string, std::string>> TagsIn(const store::Version& version) {
  std::vector<std::pair<std::string, std::string>> tags;
  const auto parsed = ParseTags(ParseHeaders(version.headers).tagging.value_or(""));
  for (const Tag& tag : parsed.value_or(std::vector<Tag>())) tags.emplace_back(tag.key, tag.value);
  return tags;
}

std::string FormatTags(const std::vector<Tag>& tags) {
  std::string text;
  for (const Tag& tag : tags) {
    if (!text.empty()) text += '&';
    text += EncodePercent(tag.key) + "=" + EncodePercent(tag.value);
  }
  return text;
}

TagProblem JudgeTags(const std::vector<Tag>& tags, std::size_t count_max) {
  if (tags.size() > count_max) return TagProblem::kTooMany;
  std::set<std::string_view> keys;
  for (const Tag& tag : tags) {
    if (tag.key.empty() || !IsText(tag.key, kTagKeyCharactersMax)) return TagProblem::kKey;
    if (!IsText(tag.value, kTagValueCharactersMax)) return TagProblem::kValue;
    if (EqualsIgnoreCase(std::string_view(tag.key).substr(0, kReservedPrefix.size()), kReservedPrefix)) {
      return TagProblem::kReserved;
    }
    if (!keys.insert(tag.key).second) return TagProblem::kRepeated;
  }
  return TagProblem::kNone;
}

}  // namespace firmsign::s3
