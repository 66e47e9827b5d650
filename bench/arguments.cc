// SPDX-License-Identifier: Apache-2.0

#include "bench/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace firmsign::bench {
namespace {

Expected<std::int64_t> ParseNumber(std::string_view name, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) {
    return Fail(Code::kInvalid, fmt::format("--{} {}: give a whole number above 0", name, text));
  }
  return number;
}

}  // namespace

Expected<Arguments> Arguments::Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 0; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--") || i + 1 == argc) {
      return Fail(Code::kInvalid, fmt::format("{}: give --name value pairs", name));
    }
    arguments.values_.insert_or_assign(std::string(name.substr(2)), argv[i + 1]);
  }
  return arguments;
}

Expected<std::string> Arguments::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return Fail(Code::kInvalid, fmt::format("--{} is missing", name));
  return found->second;
}

Expected<std::int64_t> Arguments::Number(std::string_view name) const {
  ASSIGN_OR_RETURN(const std::string text, Text(name));
  return ParseNumber(name, text);
}

Expected<std::vector<std::string>> Arguments::Texts(std::string_view name) const {
  ASSIGN_OR_RETURN(const std::string text, Text(name));
  std::vector<std::string> texts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    texts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return texts;
}

Expected<std::vector<std::int64_t>> Arguments::Numbers(std::string_view name) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, Texts(name));
  std::vector<std::int64_t> numbers;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const std::int64_t number, ParseNumber(name, text));
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace firmsign::bench
