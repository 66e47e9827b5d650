// SPDX-License-Identifier: Apache-2.0

#include "platform/config/toml.h"

#include <gmock/gmock.h>

#include <string>

namespace firmsign::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ProblemOf(std::string_view text) {
  const auto settings = ParseToml(text, "etc/a.toml");
  if (settings) return "no problem";
  EXPECT_EQ(settings.error().code, Code::kInvalid);
  return settings.error().message;
}

const Setting* Find(const std::vector<Setting>& settings, std::string_view key) {
  for (const Setting& setting : settings) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

TEST(ParseToml, FlattensTablesAndRemembersLines) {
  const auto settings = ParseToml(
      "name = \"a\"\n"
      "\n"
      "[http]\n"
      "threads = -7\n"
      "tls.enabled = true  # dotted\n"
      "hosts = [\"a\",\n  \"b\"]\n"
      "[s3]\n"
      "inline = { size = 0x10 }\n"
      "none = []\n",
      "a.toml");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->size(), 6u);
  const auto check = [&](std::string_view key, const decltype(Setting::value)& value, std::int64_t line) {
    const Setting* setting = Find(*settings, key);
    ASSERT_NE(setting, nullptr) << key;
    EXPECT_TRUE(setting->value == value) << key;
    EXPECT_EQ(setting->line, line) << key;
  };
  check("name", std::string("a"), 1);
  check("http.threads", std::int64_t{-7}, 4);
  check("http.tls.enabled", true, 5);
  check("http.hosts", std::vector<std::string>{"a", "b"}, 6);
  check("s3.inline.size", std::int64_t{16}, 9);
  check("s3.none", std::vector<std::string>{}, 10);
}

TEST(ParseToml, NamesFileAndLineOfAMistake) {
  EXPECT_THAT(ProblemOf("a = 1\nb = \n"), StartsWith("etc/a.toml:2: "));
  EXPECT_THAT(ProblemOf("a = 1\n\na = 2\n"), StartsWith("etc/a.toml:3: "));
  EXPECT_THAT(ProblemOf("a = \"\xff\"\n"), StartsWith("etc/a.toml:1: "));
}

TEST(ParseToml, RefusesOtherTypes) {
  EXPECT_THAT(ProblemOf("\na = 1.5"), StartsWith("etc/a.toml:2: a: a value is"));
  EXPECT_THAT(ProblemOf("[t]\na = 2020-01-01"), StartsWith("etc/a.toml:2: t.a: a value is"));
  EXPECT_THAT(ProblemOf("a = [1, 2]"), HasSubstr("a list holds texts only"));
  EXPECT_THAT(ProblemOf("[[a]]\nb = 1"), HasSubstr("a list holds texts only"));
}

TEST(ParseToml, AnEmptyFileHasNoSettings) {
  EXPECT_TRUE(ParseToml("", "a.toml")->empty());
  EXPECT_TRUE(ParseToml("# nothing\n[empty]\n", "a.toml")->empty());
}

TEST(ParseToml, BoundsSizeAndDepth) {
  EXPECT_THAT(ProblemOf(std::string((1 << 20) + 1, '\n')), HasSubstr("larger than 1 MiB"));
  const auto nested = [](std::size_t parts) {
    std::string key = "a";
    for (std::size_t i = 1; i < parts; ++i) key += ".a";
    return key + " = 1";
  };
  EXPECT_EQ(ProblemOf(nested(17)), "no problem");
  EXPECT_THAT(ProblemOf(nested(18)), HasSubstr("nested too deep"));
  EXPECT_THAT(ProblemOf(nested(4000)), HasSubstr("nested too deep"));
  EXPECT_THAT(ProblemOf(nested(500'000)), HasSubstr("nested too deep")) << "would overflow the stack";
  EXPECT_NE(ProblemOf("a = " + std::string(100'000, '[')), "no problem");
}

}  // namespace
}  // namespace firmsign::config
