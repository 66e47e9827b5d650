// SPDX-License-Identifier: Apache-2.0

#include "platform/regex/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace firmsign::regex {
namespace {

using ::testing::HasSubstr;

bool Matches(std::string_view pattern, std::string_view text) {
  const Expected<Pattern> compiled = Pattern::Compile(pattern);
  EXPECT_TRUE(compiled.has_value()) << pattern << ": " << compiled.error().message;
  return compiled && compiled->MatchesWhole(text);
}

TEST(Pattern, MatchesTheWholeValueOnly) {
  EXPECT_TRUE(Matches("[a-z]+", "abc"));
  EXPECT_FALSE(Matches("[a-z]+", "abc1"));
  EXPECT_FALSE(Matches("[a-z]+", "1abc"));
  EXPECT_FALSE(Matches("[a-z]+", "abc\n"));
  EXPECT_FALSE(Matches("^[a-z]+$", "abc\n"));
  EXPECT_FALSE(Matches("[a-z]+", ""));
  EXPECT_TRUE(Matches("[a-z]*", ""));
}

TEST(Pattern, TriesEveryAlternativeForAWholeMatch) {
  // The first alternative matches a part; only the second matches all.
  EXPECT_TRUE(Matches("a|ab", "ab"));
  EXPECT_TRUE(Matches("a*?", "aaa"));
}

TEST(Pattern, MatchesThePatternsOfTheModels) {
  EXPECT_TRUE(Matches("^[a-zA-Z0-9_]{2,}", "my_profile"));
  EXPECT_FALSE(Matches("^[a-zA-Z0-9_]{2,}", "my-profile"));
  EXPECT_TRUE(Matches("^(?!aws:)[a-zA-Z+-=._:/]+$", "team"));
  EXPECT_FALSE(Matches("^(?!aws:)[a-zA-Z+-=._:/]+$", "aws:team"));
  EXPECT_TRUE(Matches("^(?!\\s*$).+", "x "));
  EXPECT_FALSE(Matches("^(?!\\s*$).+", "  "));
  constexpr std::string_view kDomain =
      R"((\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9]))";
  EXPECT_TRUE(Matches(kDomain, "*.firmware.example.com"));
  EXPECT_FALSE(Matches(kDomain, "-firmware.example.com"));
  EXPECT_FALSE(Matches(kDomain, "firmware"));
}

TEST(Pattern, ReadsFourDigitEscapes) {
  constexpr std::string_view kPolicy = R"([\u0009\u000A\u000D\u0020-\u00FF]+)";
  EXPECT_TRUE(Matches(kPolicy, "{\n\t\"a\": \"\xc3\xbf\"\r}"));
  EXPECT_FALSE(Matches(kPolicy, "\xc4\x80"));
  EXPECT_FALSE(Matches(kPolicy, "\x01"));
}

TEST(Pattern, ReadsTwoHalvesOfUtf16AsOneCharacter) {
  constexpr std::string_view kS3Text = R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*)";
  EXPECT_TRUE(Matches(kS3Text, "a\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"));
  EXPECT_FALSE(Matches(kS3Text, "\x01"));
  EXPECT_FALSE(Matches(kS3Text, "\xef\xbf\xbe"));
}

TEST(Pattern, ReadsTheClassesOfJava) {
  EXPECT_TRUE(Matches(R"([\p{Graph}\x20]*)", "a b~"));
  EXPECT_FALSE(Matches(R"([\p{Graph}\x20]*)", "a\tb"));
  EXPECT_TRUE(Matches(R"([\p{Upper}\p{Digit}_]+)", "A_1"));
  EXPECT_FALSE(Matches(R"([\p{Upper}\p{Digit}_]+)", "\xc3\x84"));
  EXPECT_FALSE(Matches(R"([^\p{Cntrl}]*)", "a\nb"));
  EXPECT_TRUE(Matches(R"(\p{Alpha}\P{Alpha}[\P{Digit}])", "a1b"));
  EXPECT_FALSE(Matches(R"(\p{Alpha}\P{Alpha}[\P{Digit}])", "a11"));
  // Unicode's own properties stay what they are, and so does an escaped backslash.
  EXPECT_TRUE(Matches(R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "\xc3\x84 1"));
  EXPECT_TRUE(Matches(R"(\\p\{Alpha})", "\\p{Alpha}"));
}

TEST(Pattern, CountsCharactersNotBytes) {
  EXPECT_TRUE(Matches(".{2}", "\xc3\xa9\xf0\x9f\x98\x80"));
  EXPECT_FALSE(Matches(".", "\xc3"));
  EXPECT_FALSE(Matches(".*", "\xff"));
}

TEST(Pattern, LetsADotMatchNoLineEnd) {
  EXPECT_FALSE(Matches(".*", "a\nb"));
  EXPECT_FALSE(Matches(".*", "a\rb"));
  EXPECT_TRUE(Matches("(?s).*", "a\n\rb"));
}

TEST(Pattern, GivesUpOnAPatternThatWouldTakeForEver) {
  // Without a limit each further letter doubles the work: this would outlive any test.
  EXPECT_FALSE(Matches("(a+)+b", std::string(200, 'a')));
  EXPECT_FALSE(Matches("([a-zA-Z]+)*\\d", std::string(60'000, 'x')));
  EXPECT_TRUE(Matches("(a+)+b", std::string(200, 'a') + "b"));
}

TEST(Pattern, MatchesTheLongestValuesOfTheModels) {
  EXPECT_TRUE(Matches(R"([\u0009\u000A\u000D\u0020-\u00FF]+)", std::string(131'072, 'x')));
  EXPECT_TRUE(Matches("(?:[a-z]|-)*", std::string(60'000, 'x')));
  EXPECT_FALSE(Matches("(?s).*", std::string(256 * 1024 + 1, 'x')));
}

TEST(Pattern, SaysWhereAPatternIsWrong) {
  for (const char* pattern : {"(", "[", "a{2,1}", "*", "(?<", "\\", "[\\uD800]", "\\p{Nothing}"}) {
    const Expected<Pattern> compiled = Pattern::Compile(pattern);
    ASSERT_FALSE(compiled.has_value()) << pattern;
    EXPECT_EQ(compiled.error().code, Code::kInvalid);
  }
  EXPECT_THAT(Pattern::Compile("abc(").error().message, HasSubstr("at byte 4: "));
}

TEST(Cached, GivesTheSamePatternForTheSameText) {
  const Pattern& one = Cached("[x-z]+");
  const Pattern& same = Cached(std::string("[x-z]") + "+");
  EXPECT_EQ(&one, &same);
  EXPECT_NE(&one, &Cached("[x-z]*"));
  EXPECT_TRUE(one.MatchesWhole("xyz"));
}

TEST(Cached, MayBeUsedByManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  std::vector<const Pattern*> seen(8 * 50);
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([t, &seen] {
      for (std::size_t i = 0; i < 50; ++i) {
        const Pattern& pattern = Cached("thread[0-9]{" + std::to_string(i + 1) + "}");
        if (pattern.MatchesWhole("thread" + std::string(i + 1, '7'))) seen[t * 50 + i] = &pattern;
      }
    });
  }
  threads.clear();
  for (std::size_t i = 0; i < 50; ++i) {
    for (std::size_t t = 0; t < 8; ++t) {
      EXPECT_NE(seen[t * 50 + i], nullptr);
      EXPECT_EQ(seen[t * 50 + i], seen[i]);
    }
  }
}

TEST(CachedDeathTest, EndsTheProcessOnABadPattern) { EXPECT_DEATH(Cached("a("), "a\\(: not a pattern at byte 2"); }

}  // namespace
}  // namespace firmsign::regex
