// SPDX-License-Identifier: Apache-2.0

#include "platform/config/toml.h"

// Debian builds the library with exceptions; compiled in here it returns errors instead.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

namespace firmsign::config {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;
constexpr int kDepthMax = 16;
// toml++ bounds the nesting of values but not that of dotted keys, and destroys its tables recursively. So the dots are
// counted first: with this many, no file exhausts the stack.
constexpr std::ptrdiff_t kDotsMax = 5000;

std::unexpected<Error> Problem(std::string_view name, const toml::source_position& at, const std::string& what) {
  return Fail(Code::kInvalid, std::string(name) + ":" + std::to_string(at.line) + ": " + what);
}

Expected<void> Flatten(const toml::table& table, const std::string& prefix, std::string_view name, int depth,
                       std::vector<Setting>& settings) {
  for (const auto& [key, node] : table) {
    const std::string dotted = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    const toml::source_position& at = node.source().begin;
    if (const toml::table* inner = node.as_table()) {
      if (depth == kDepthMax) return Problem(name, at, dotted + ": nested too deep");
      RETURN_IF_ERROR(Flatten(*inner, dotted, name, depth + 1, settings));
      continue;
    }
    Setting setting{.key = dotted, .value = {}, .line = static_cast<std::int64_t>(at.line)};
    if (const auto* text = node.as_string()) {
      setting.value = text->get();
    } else if (const auto* number = node.as_integer()) {
      setting.value = number->get();
    } else if (const auto* flag = node.as_boolean()) {
      setting.value = flag->get();
    } else if (const auto* array = node.as_array()) {
      std::vector<std::string> list;
      for (const toml::node& element : *array) {
        const auto* text_element = element.as_string();
        if (text_element == nullptr) return Problem(name, at, dotted + ": a list holds texts only");
        list.push_back(text_element->get());
      }
      setting.value = std::move(list);
    } else {
      return Problem(name, at, dotted + ": a value is a text, an integer, true, false, or a list of texts");
    }
    settings.push_back(std::move(setting));
  }
  return {};
}

}  // namespace

Expected<std::vector<Setting>> ParseToml(std::string_view text, std::string_view name) {
  if (text.size() > kBytesMax) return Fail(Code::kInvalid, std::string(name) + ":1: larger than 1 MiB");
  if (std::ranges::count(text, '.') > kDotsMax) {
    return Fail(Code::kInvalid, std::string(name) + ":1: nested too deep, or more than 5000 dots");
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) return Problem(name, result.error().source().begin, std::string(result.error().description()));
  std::vector<Setting> settings;
  RETURN_IF_ERROR(Flatten(result.table(), "", name, 0, settings));
  return settings;
}

}  // namespace firmsign::config
