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

// The value of the one setting of `text`.
template <class T>
T ValueOf(std::string_view text) {
  const auto settings = ParseToml(text, "a.toml");
  if (!settings || settings->size() != 1 || !std::holds_alternative<T>(settings->front().value)) {
    ADD_FAILURE() << text << ": " << (settings ? "another type" : settings.error().message);
    return T();
  }
  return std::get<T>(settings->front().value);
}

TEST(ParseToml, FlattensTablesAndRemembersLines) {
  const auto settings = ParseToml(
      "name = \"a\"\r\n"
      "\n"
      "[http]\n"
      "threads = -7\n"
      "tls.enabled = true  # dotted\n"
      "hosts = [ # both\n  \"a\",\n\n  'b', ]\n"
      "  [ s3 . \"in line\" ] # blanks are fine\n"
      "none=[]",
      "a.toml");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->size(), 5u);
  const auto check = [&](std::size_t at, std::string_view key, const decltype(Setting::value)& value,
                         std::int64_t line) {
    EXPECT_EQ((*settings)[at].key, key);
    EXPECT_TRUE((*settings)[at].value == value) << key;
    EXPECT_EQ((*settings)[at].line, line) << key;
  };
  check(0, "name", std::string("a"), 1);
  check(1, "http.threads", std::int64_t{-7}, 4);
  check(2, "http.tls.enabled", true, 5);
  check(3, "http.hosts", std::vector<std::string>{"a", "b"}, 6);
  check(4, "s3.in line.none", std::vector<std::string>{}, 11);
}

TEST(ParseToml, ReadsTexts) {
  EXPECT_EQ(ValueOf<std::string>(R"(a = "")"), "");
  EXPECT_EQ(ValueOf<std::string>(R"(a = 'C:\n "x" # :')"), R"(C:\n "x" # :)");
  EXPECT_EQ(ValueOf<std::string>(R"(a = "\b\t\n\f\r\"\\ ' # é")"), "\b\t\n\f\r\"\\ ' # é");
  EXPECT_EQ(ValueOf<std::string>(R"(a = "\u0041\u00e9\u20AC\U0001F600")"), "Aé€😀");
  for (const char* bad :
       {R"(a = "\x")", R"(a = "\u12")", R"(a = "\ud800")", R"(a = "\U00110000")", R"(a = "\u-123")", "a = \"\\",
        "a = \"\\u", "a = \"x", "a = 'x", "a = \"x\ny\"", "a = \"\x01\"", "a = \"\x7f\""}) {
    EXPECT_THAT(ProblemOf(bad), StartsWith("etc/a.toml:1: ")) << bad;
  }
}

TEST(ParseToml, ReadsIntegers) {
  EXPECT_EQ(ValueOf<std::int64_t>("a = 0"), 0);
  EXPECT_EQ(ValueOf<std::int64_t>("a = +1_000"), 1000);
  EXPECT_EQ(ValueOf<std::int64_t>("a = 0xFF"), 255);
  EXPECT_EQ(ValueOf<std::int64_t>("a = 0o17"), 15);
  EXPECT_EQ(ValueOf<std::int64_t>("a = 0b101"), 5);
  EXPECT_EQ(ValueOf<std::int64_t>("a = 9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ValueOf<std::int64_t>("a = -9223372036854775808"), INT64_MIN);
  for (const char* bad : {"9223372036854775808", "01", "-01", "1__0", "_1", "1_", "+-1", "--1", "0x", "0x-1", "-0x1",
                          "-", "1a", "1 2", "truely", ""}) {
    EXPECT_NE(ProblemOf(std::string("a = ") + bad), "no problem") << bad;
  }
}

TEST(ParseToml, NamesFileAndLineOfAMistake) {
  EXPECT_THAT(ProblemOf("a = 1\nb = \n"), StartsWith("etc/a.toml:2: b: a value is"));
  EXPECT_EQ(ProblemOf("a = 1\n\na = 2\n"), "etc/a.toml:3: a stands here again");
  EXPECT_EQ(ProblemOf("[t]\na = 1\n[u]\n[t]\n"), "etc/a.toml:4: the table t stands here again");
  EXPECT_EQ(ProblemOf("a.b = 1\na = 2\n"), "etc/a.toml:2: a is a table already");
  EXPECT_EQ(ProblemOf("a = 1\n[a.b]\n"), "etc/a.toml:2: a is a value already");
  EXPECT_EQ(ProblemOf("a = 1\n[a]\n"), "etc/a.toml:2: a is a value already");
  EXPECT_EQ(ProblemOf("[a]\n[b]\n[a.c]\n"), "no problem") << "a table within a table";
  EXPECT_EQ(ProblemOf("\n# \xff\n"), "etc/a.toml:2: not UTF-8");
  EXPECT_THAT(ProblemOf("# \x01\n"), HasSubstr("control character"));
  EXPECT_THAT(ProblemOf("\na = localhost:80\n"), StartsWith("etc/a.toml:2: a: a value is a text in quotes"));
  EXPECT_THAT(ProblemOf("a = 1 b = 2"), HasSubstr("goes on after its end"));
  EXPECT_THAT(ProblemOf("a = [\"x\"\n\"y\"]"), StartsWith("etc/a.toml:2: between the texts"));
  EXPECT_THAT(ProblemOf("a = [\"x\",\n\n"), HasSubstr("does not end"));
  EXPECT_THAT(ProblemOf("a"), HasSubstr("give key = value"));
  EXPECT_THAT(ProblemOf("é = 1"), HasSubstr("a key consists of"));
  EXPECT_THAT(ProblemOf("[a"), HasSubstr("ends with ]"));
}

TEST(ParseToml, RefusesWhatSettingsHaveNoUseFor) {
  EXPECT_THAT(ProblemOf("\na = 1.5"), StartsWith("etc/a.toml:2: a: a value is"));
  EXPECT_THAT(ProblemOf("[t]\na = 2020-01-01T00:00:00Z"), StartsWith("etc/a.toml:2: t.a: a value is"));
  EXPECT_THAT(ProblemOf("a = { b = 1 }"), HasSubstr("a value is"));
  EXPECT_THAT(ProblemOf("a = [1, 2]"), HasSubstr("a list holds texts"));
  EXPECT_THAT(ProblemOf("a = [[\"b\"]]"), HasSubstr("a list holds texts"));
  EXPECT_THAT(ProblemOf("[[a]]\nb = 1"), HasSubstr("array of tables"));
  EXPECT_THAT(ProblemOf("a = \"\"\"b\"\"\""), HasSubstr("several lines"));
  EXPECT_THAT(ProblemOf("a = '''b'''"), HasSubstr("several lines"));
  EXPECT_THAT(ProblemOf("\"a.b\" = 1"), HasSubstr("a key with a dot"));
}

TEST(ParseToml, AnEmptyFileHasNoSettings) {
  EXPECT_TRUE(ParseToml("", "a.toml")->empty());
  EXPECT_TRUE(ParseToml("# nothing\n[empty]\n", "a.toml")->empty());
  EXPECT_EQ(ValueOf<bool>("\xEF\xBB\xBF"
                          "a = true"),
            true)
      << "a byte order mark";
}

TEST(ParseToml, BoundsSizeAndDepth) {
  EXPECT_THAT(ProblemOf(std::string((1 << 20) + 1, '\n')), HasSubstr("larger than 1 MiB"));
  const auto nested = [](std::size_t parts) {
    std::string key = "a";
    for (std::size_t i = 1; i < parts; ++i) key += ".a";
    return key + " = 1";
  };
  EXPECT_EQ(ProblemOf(nested(16)), "no problem");
  EXPECT_THAT(ProblemOf(nested(17)), HasSubstr("too many parts"));
  EXPECT_THAT(ProblemOf(nested(500'000)), HasSubstr("too many parts"));
  EXPECT_THAT(ProblemOf("[b]\n" + nested(16)), HasSubstr("too many parts"));
}

}  // namespace
}  // namespace firmsign::config
