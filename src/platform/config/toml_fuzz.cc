// SPDX-License-Identifier: Apache-2.0
//
// What parses has every key once, on a line that exists, and written one key a line it parses to the same again.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <set>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/config/toml.h"

namespace firmsign::config {
namespace {

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Write(const Setting& setting) {
  std::string out;
  if (const auto* text = std::get_if<std::string>(&setting.value)) out = Quote(*text);
  if (const auto* number = std::get_if<std::int64_t>(&setting.value)) out = std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&setting.value)) out = *flag ? "true" : "false";
  if (const auto* list = std::get_if<std::vector<std::string>>(&setting.value)) {
    for (const std::string& one : *list) out += (out.empty() ? "" : ", ") + Quote(one);
    out = "[" + out + "]";
  }
  std::string key;
  for (std::string_view rest = setting.key;;) {
    const std::size_t dot = rest.find('.');
    key += Quote(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    key += '.';
    rest.remove_prefix(dot + 1);
  }
  return key + " = " + out + "\n";
}

void Check(std::string_view text) {
  const auto settings = ParseToml(text, "f");
  if (!settings) {
    CHECK(settings.error().code == Code::kInvalid);
    CHECK(settings.error().message.starts_with("f:"));
    return;
  }
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  std::string written;
  std::set<std::string> keys;
  for (const Setting& setting : *settings) {
    CHECK(setting.line >= 1 && setting.line <= lines);
    CHECK(keys.insert(setting.key).second);
    written += Write(setting);
  }
  if (written.size() > (1 << 20)) return;  // escapes made it longer than any file may be
  const auto again = ParseToml(written, "f");
  CHECK(again.has_value());
  CHECK(again->size() == settings->size());
  for (std::size_t i = 0; i < again->size(); ++i) {
    CHECK((*again)[i].key == (*settings)[i].key);
    CHECK((*again)[i].value == (*settings)[i].value);
  }
}

}  // namespace
}  // namespace firmsign::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::config::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
