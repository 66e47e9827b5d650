// SPDX-License-Identifier: Apache-2.0

#include "services/signer/page_token.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/secret.h"

namespace firmsign::signer {
namespace {

constexpr std::size_t kMacBytes = 16;  // of the 32, so that tokens stay short; nobody guesses 128 bits
constexpr std::size_t kTokenCharsMax = 2048;

std::string MacOf(const keys::Keyring& keyring, std::string_view list, std::string_view position) {
  return keyring.Mac("signer/page-token", fmt::format("{}:{}{}", list.size(), list, position)).substr(0, kMacBytes);
}

}  // namespace

std::string FormatPageToken(const keys::Keyring& keyring, std::string_view list, std::string_view position) {
  return EncodeBase64(MacOf(keyring, list, position) + std::string(position));
}

std::optional<std::string> ParsePageToken(const keys::Keyring& keyring, std::string_view list, std::string_view token) {
  if (token.size() > kTokenCharsMax) return std::nullopt;
  const std::optional<std::string> bytes = DecodeBase64(token);
  if (!bytes || bytes->size() < kMacBytes) return std::nullopt;
  std::string position = bytes->substr(kMacBytes);
  if (!ConstantTimeEquals(MacOf(keyring, list, position), std::string_view(*bytes).substr(0, kMacBytes)))
    return std::nullopt;
  return position;
}

std::string FormatJobPosition(const JobPosition& position) {
  return fmt::format("{}/{}", position.at.micros, position.id);
}

std::optional<JobPosition> ParseJobPosition(std::string_view text) {
  JobPosition position;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, position.at.micros);
  if (error != std::errc() || after == end || *after != '/') return std::nullopt;
  position.id.assign(after + 1, end);
  return position;
}

}  // namespace firmsign::signer
