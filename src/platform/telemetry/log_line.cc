// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/encoding.h"

namespace firmsign::telemetry {
namespace {

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarning: return "warning";
    case Level::kError: return "error";
  }
  return "info";
}

bool IsPlain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';  // a char above ASCII is negative or above 0x7f
  });
}

void AppendCharacter(std::string& out, std::string_view character) {
  const auto byte = static_cast<unsigned char>(character[0]);
  // U+0080 to U+009F are control characters too, and terminals obey them.
  const bool is_late_control = byte == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += character;
  } else if (byte < 0x20 || byte == 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  } else if (is_late_control) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(character[1]));
  } else {
    out += character;
  }
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) {
      out += "\\ufffd";
    } else {
      AppendCharacter(out, text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void AppendText(std::string& out, std::string_view text, Format format) {
  if (format == Format::kText && IsPlain(text)) {
    out += text;
  } else {
    AppendQuoted(out, text);
  }
}

void AppendValue(std::string& out, const Field& field, Format format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    AppendText(out, *text, format);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

}  // namespace

std::string FormatLine(Format format, Instant time, Level level, std::string_view event,
                       std::span<const Field> fields) {
  const bool is_json = format == Format::kJson;
  const std::string at = FormatIso8601Millis(time);
  std::string line = is_json ? fmt::format(R"({{"time":"{}","level":"{}","event":)", at, LevelName(level))
                             : fmt::format("{} {} ", at, LevelName(level));
  AppendText(line, event, format);
  for (const Field& field : fields) {
    line += is_json ? "," : " ";
    AppendText(line, field.name, format);
    line += is_json ? ":" : "=";
    AppendValue(line, field, format);
  }
  if (is_json) line += '}';
  return line;
}

}  // namespace firmsign::telemetry
