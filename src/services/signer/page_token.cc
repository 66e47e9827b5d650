// SPDX-License-Identifier: Apache-2.0

#include "services/signer/page_token.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"

namespace firmsign::signer {
namespace {

constexpr std::string_view kJobPrefix = "job/";
constexpr std::string_view kNamePrefix = "name/";

// What follows the prefix, or nullopt.
std::optional<std::string> Decode(std::string_view token, std::string_view prefix) {
  std::optional<std::string> text = DecodeBase64(token);
  if (!text || !text->starts_with(prefix)) return std::nullopt;
  return text->substr(prefix.size());
}

}  // namespace

std::string FormatJobToken(const Job& last) {
  return EncodeBase64(fmt::format("{}{}/{}", kJobPrefix, last.created_at.micros, last.id.str()));
}

std::optional<JobPosition> ParseJobToken(std::string_view token) {
  const std::optional<std::string> text = Decode(token, kJobPrefix);
  if (!text) return std::nullopt;
  JobPosition position;
  const char* end = text->data() + text->size();
  const auto [after, error] = std::from_chars(text->data(), end, position.created_at.micros);
  if (error != std::errc() || after == end || *after != '/') return std::nullopt;
  position.id.assign(after + 1, end);
  return position;
}

std::string FormatNameToken(std::string_view last_name) {
  return EncodeBase64(fmt::format("{}{}", kNamePrefix, last_name));
}

std::optional<std::string> ParseNameToken(std::string_view token) { return Decode(token, kNamePrefix); }

}  // namespace firmsign::signer
