// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/scalar_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "base/encoding.h"

namespace firmsign::aws {
namespace {

constexpr std::int64_t kSecondsMax = 253402300799;  // 9999-12-31T23:59:59Z

template <class T>
bool ParseNumber(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<Instant> ParseEpochSeconds(std::string_view text) {
  const auto point = text.find('.');
  std::int64_t seconds = 0;
  if (!ParseNumber(text.substr(0, point), seconds) || seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  std::int64_t micros = 0;
  if (point != std::string_view::npos) {
    const auto digits = text.substr(point + 1);
    if (digits.empty()) return std::nullopt;
    std::int64_t weight = 100'000;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      micros += (c - '0') * weight;
      weight /= 10;
    }
  }
  return Instant{seconds * 1'000'000 + micros};
}

std::optional<Instant> ParseTimestamp(std::string_view text) {
  if (auto at = ParseIso8601(text)) return at;
  if (auto at = ParseEpochSeconds(text)) return at;
  return ParseHttpDate(text);
}

bool ParseScalar(const Shape& shape, std::string_view text, void* value) {
  switch (shape.kind) {
    case Kind::kBoolean: {
      const bool is_true = EqualsIgnoreCase(text, "true");
      *static_cast<bool*>(value) = is_true;
      return is_true || EqualsIgnoreCase(text, "false");
    }
    case Kind::kLong: return ParseNumber(text, *static_cast<std::int64_t*>(value));
    case Kind::kDouble:
      return ParseNumber(text, *static_cast<double*>(value)) && std::isfinite(*static_cast<double*>(value));
    case Kind::kString: *static_cast<std::string*>(value) = text; return true;
    case Kind::kBlob:
    case Kind::kSecretBlob: {
      auto bytes = DecodeBase64(text);
      if (!bytes) return false;
      if (shape.kind == Kind::kBlob) {
        *static_cast<std::string*>(value) = *std::move(bytes);
      } else {
        *static_cast<SecretBytes*>(value) = SecretBytes(*std::move(bytes));
      }
      return true;
    }
    case Kind::kTimestamp: {
      const auto at = ParseTimestamp(text);
      if (at) *static_cast<Instant*>(value) = *at;
      return at.has_value();
    }
    case Kind::kStructure:
    case Kind::kList:
    case Kind::kMap: return false;
  }
  return false;
}

std::string FormatScalar(const Shape& shape, const void* value, TimestampFormat format, TimestampFormat fallback) {
  switch (shape.kind) {
    case Kind::kBoolean: return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::kLong: return fmt::format("{}", *static_cast<const std::int64_t*>(value));
    case Kind::kDouble: return fmt::format("{}", *static_cast<const double*>(value));
    case Kind::kString: return *static_cast<const std::string*>(value);
    case Kind::kBlob: return EncodeBase64(*static_cast<const std::string*>(value));
    case Kind::kSecretBlob:
      return EncodeBase64(static_cast<const SecretBytes*>(value)->Reveal(SecretAccess("a member of a response")));
    case Kind::kTimestamp: {
      const auto at = *static_cast<const Instant*>(value);
      const auto spelling = format == TimestampFormat::kDefault ? fallback : format;
      if (spelling == TimestampFormat::kHttpDate) return FormatHttpDate(at);
      if (spelling == TimestampFormat::kEpochSeconds) return fmt::format("{}", Seconds(at));
      return FormatIso8601(at);
    }
    case Kind::kStructure:
    case Kind::kList:
    case Kind::kMap: break;
  }
  return {};
}

}  // namespace firmsign::aws
