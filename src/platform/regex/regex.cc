// SPDX-License-Identifier: Apache-2.0

#include "platform/regex/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::regex {
namespace {

// The longest value that any model gives a pattern has 131,072 characters, of at most two bytes each.
constexpr std::size_t kTextBytesMax = 256 * 1024;
// Backtracking steps: enough for a few at each character of the longest value, a fraction of a second at worst.
constexpr std::uint32_t kStepsMax = 1'000'000;
constexpr std::uint32_t kHeapKibMax = 64 * 1024;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using CodePtr = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using MatchContextPtr = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using CompileContextPtr = std::unique_ptr<pcre2_compile_context, Freer<pcre2_compile_context_free>>;
using MatchDataPtr = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;

// The hexadecimal number of the \uhhhh at the start of `text`; nullopt when there is none.
std::optional<std::uint32_t> EscapedUnit(std::string_view text) {
  if (!text.starts_with("\\u") || text.size() < 6) return std::nullopt;
  std::uint32_t unit = 0;
  const auto [end, status] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (status != std::errc() || end != text.data() + 6) return std::nullopt;
  return unit;
}

// The models' patterns are Java's. Two spellings mean something else in PCRE2, or nothing:
//   \p{Graph}, \p{Upper} and so on are the ASCII classes of POSIX, and
//   \ud800\udc00 is one character, written as the two halves that it has in UTF-16.
std::string Translate(std::string_view pattern) {
  constexpr std::array<std::string_view, 13> kClasses = {"Lower", "Upper", "ASCII", "Alpha", "Digit",  "Alnum", "Punct",
                                                         "Graph", "Print", "Blank", "Cntrl", "XDigit", "Space"};
  std::string out;
  bool in_brackets = false;
  while (!pattern.empty()) {
    std::size_t taken = pattern.front() == '\\' && pattern.size() > 1 ? 2 : 1;
    std::string replacement(pattern.substr(0, taken));
    if (const auto high = EscapedUnit(pattern); high && *high >= 0xd800 && *high <= 0xdbff) {
      const auto low = EscapedUnit(pattern.substr(6));
      if (low && *low >= 0xdc00 && *low <= 0xdfff) {
        std::array<char, 8> digits;
        const std::uint32_t code_point = 0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00);
        const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), code_point, 16);
        replacement.assign("\\u{").append(digits.data(), written.ptr).push_back('}');
        taken = 12;
      }
    } else if (pattern.starts_with("\\p{") || pattern.starts_with("\\P{")) {
      const std::size_t end = pattern.find('}');
      if (end != std::string_view::npos && std::ranges::find(kClasses, pattern.substr(3, end - 3)) != kClasses.end()) {
        replacement = (pattern[1] == 'P' ? "[:^" : "[:") + ToLower(pattern.substr(3, end - 3)) + ":]";
        if (!in_brackets) replacement = "[" + replacement + "]";
        taken = end + 1;
      }
    } else if (pattern.front() == '[') {
      in_brackets = true;
    } else if (pattern.front() == ']') {
      in_brackets = false;
    }
    out.append(replacement);
    pattern.remove_prefix(taken);
  }
  return out;
}

PCRE2_SPTR AsUnits(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

}  // namespace

struct Pattern::State {
  CodePtr code;
  MatchContextPtr context;
};

Expected<Pattern> Pattern::Compile(std::string_view pattern) {
  const std::string translated = Translate(pattern);
  const CompileContextPtr compile(pcre2_compile_context_create(nullptr));
  auto state = std::make_shared<State>();
  state->context.reset(pcre2_match_context_create(nullptr));
  if (!compile || !state->context) return Fail(Code::kInternal, "no memory for a pattern");
  // A dot matches neither of the two characters that end a line.
  pcre2_set_newline(compile.get(), PCRE2_NEWLINE_ANYCRLF);
  // \u{h…} is what Translate writes.
  pcre2_set_compile_extra_options(compile.get(), PCRE2_EXTRA_ALT_BSUX);
  pcre2_set_match_limit(state->context.get(), kStepsMax);
  pcre2_set_heap_limit(state->context.get(), kHeapKibMax);

  // ALT_BSUX: \uhhhh is a character, as in the languages that the models' patterns are written for. NEVER_BACKSLASH_C:
  // no pattern may look inside a character.
  constexpr std::uint32_t kOptions =
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C;
  int error = 0;
  PCRE2_SIZE offset = 0;
  state->code.reset(pcre2_compile(AsUnits(translated), translated.size(), kOptions, &error, &offset, compile.get()));
  if (!state->code) {
    std::array<char, 256> message{};
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(message.data()), message.size());
    return Fail(Code::kInvalid, "not a pattern at byte " + std::to_string(offset) + ": " + message.data());
  }
  Pattern compiled;
  compiled.state_ = std::move(state);
  return compiled;
}

bool Pattern::MatchesWhole(std::string_view text) const {
  if (text.size() > kTextBytesMax) return false;
  const MatchDataPtr data(pcre2_match_data_create(1, nullptr));
  if (!data) return false;
  // A negative result is no match, text that is not UTF-8, or a limit reached.
  return pcre2_match(state_->code.get(), AsUnits(text), text.size(), 0, 0, data.get(), state_->context.get()) >= 0;
}

const Pattern& Cached(std::string_view pattern) {
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard names it.
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  static std::shared_mutex mutex;
  // Never destroyed, so that threads that outlive main may still match. Nodes keep their address when the map grows.
  static auto& patterns = *new std::unordered_map<std::string, Pattern, Hash, std::equal_to<>>();
  {
    const std::shared_lock lock(mutex);
    if (const auto found = patterns.find(pattern); found != patterns.end()) return found->second;
  }
  Expected<Pattern> compiled = Pattern::Compile(pattern);
  if (!compiled) {
    static_cast<void>(std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(pattern.size()), pattern.data(),
                                   compiled.error().message.c_str()));
  }
  CHECK(compiled.has_value());
  const std::unique_lock lock(mutex);
  return patterns.emplace(std::string(pattern), *std::move(compiled)).first->second;
}

}  // namespace firmsign::regex
