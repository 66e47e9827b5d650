// SPDX-License-Identifier: Apache-2.0
//
// The first line of the input is a pattern, the rest a value. Whatever both are, an answer comes, it is the same twice,
// and a pattern made to match anything agrees about well-formed text.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/regex/regex.h"

namespace firmsign::regex {
namespace {

void Check(std::string_view input) {
  const std::size_t line_end = input.find('\n');
  const std::string_view pattern = input.substr(0, line_end);
  const std::string_view text = line_end == std::string_view::npos ? "" : input.substr(line_end + 1);
  const Expected<Pattern> compiled = Pattern::Compile(pattern);
  if (!compiled) {
    CHECK(compiled.error().code == Code::kInvalid);
    return;
  }
  const bool matches = compiled->MatchesWhole(text);
  CHECK(compiled->MatchesWhole(text) == matches);
  if (matches) CHECK(IsUtf8(text));
  static const Expected<Pattern> anything = Pattern::Compile("(?s).*");
  CHECK(anything->MatchesWhole(text) == IsUtf8(text));
}

}  // namespace
}  // namespace firmsign::regex

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::regex::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
