// SPDX-License-Identifier: Apache-2.0

#include "platform/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace firmsign::json {
namespace {

using ::testing::HasSubstr;

// The value of a text that must parse.
Value Parsed(std::string_view text) {
  Expected<Value> value = Parse(text);
  EXPECT_TRUE(value.has_value()) << text << ": " << value.error().message;
  return value ? *std::move(value) : Value();
}

// Why a text is refused; empty when it is not.
std::string Refused(std::string_view text, const Limits& limits = {}) {
  const Expected<Value> value = Parse(text, limits);
  if (value) return "";
  EXPECT_EQ(value.error().code, Code::kInvalid);
  return value.error().message;
}

std::string Rewritten(std::string_view text) { return Write(Parsed(text)); }

TEST(Parse, ReadsEveryKindOfValue) {
  const Value value = Parsed(R"( {"a":null,"b":true,"c":-5,"d":1.5,"e":"x","f":[1,[]],"g":{"h":false}} )");
  EXPECT_TRUE(value.Find("a")->IsNull());
  EXPECT_TRUE(*value.Find("b")->AsBool());
  EXPECT_EQ(*value.Find("c")->AsInt(), -5);
  EXPECT_EQ(*value.Find("d")->AsDouble(), 1.5);
  EXPECT_EQ(*value.Find("e")->AsString(), "x");
  ASSERT_EQ(value.Find("f")->AsArray()->size(), 2U);
  EXPECT_TRUE(value.Find("f")->AsArray()->at(1).AsArray()->empty());
  EXPECT_FALSE(*value.Find("g")->Find("h")->AsBool());
  EXPECT_EQ(value.Find("z"), nullptr);
  EXPECT_EQ(value.Find("b")->Find("x"), nullptr);
  EXPECT_EQ(value.Find("e")->AsInt(), nullptr);
}

TEST(Parse, KeepsMembersInTheOrderTheyCame) {
  EXPECT_EQ(Rewritten(R"({"z":1,"a":2,"m":{"y":1,"b":2}})"), R"({"z":1,"a":2,"m":{"y":1,"b":2}})");
}

TEST(Parse, ReadsAnyValueAtTheTop) {
  EXPECT_EQ(Rewritten(" \t\r\n7 "), "7");
  EXPECT_EQ(Rewritten("\"x\""), "\"x\"");
  EXPECT_EQ(Rewritten("null"), "null");
  EXPECT_EQ(Rewritten("[]"), "[]");
  EXPECT_EQ(Rewritten("{}"), "{}");
}

TEST(Parse, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1",
                           "\"x",
                           "nul",
                           "tru",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "[1,]",
                           "[,]",
                           "{,}",
                           "1 2",
                           "{} {}",
                           "[1]x",
                           "'x'",
                           "{a:1}",
                           "01",
                           "-",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "// c\n1",
                           "/* c */1",
                           "[1 2]",
                           "\"a\nb\"",
                           "\"a\tb\"",
                           "\"\\x41\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "True",
                           "\xef\xbb\xbf{}"}) {
    EXPECT_NE(Refused(text), "") << text;
  }
}

TEST(Parse, SaysWhereAndWhy) {
  EXPECT_THAT(Refused("[1,x]"), HasSubstr("at byte 3"));
  EXPECT_THAT(Refused("[1] 2"), HasSubstr("text after the value"));
  EXPECT_THAT(Refused("[1"), HasSubstr("ends too early"));
  EXPECT_THAT(Refused(""), HasSubstr("ends too early"));
}

TEST(Parse, RefusesANameTwiceInOneObject) {
  EXPECT_THAT(Refused(R"({"a":1,"b":2,"a":3})"), HasSubstr("twice"));
  EXPECT_THAT(Refused(R"([{"x":{"a":1,"\u0061":3}}])"), HasSubstr("twice"));
  EXPECT_EQ(Refused(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}]})"), "");
}

TEST(Parse, RefusesANameTwiceInALargeObject) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"n" + std::to_string(i) + "\":0,";
  EXPECT_EQ(Refused(text + "\"last\":0}"), "");
  EXPECT_THAT(Refused(text + "\"n0\":0}"), HasSubstr("twice"));
  EXPECT_THAT(Refused(text + "\"n999\":0}"), HasSubstr("twice"));
}

TEST(Parse, ReadsStringsWithEveryEscape) {
  EXPECT_EQ(*Parsed(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")").AsString(),
            "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(*Parsed("\"\\u0000\"").AsString(), std::string(1, '\0'));
  EXPECT_EQ(*Parsed("\"\xf0\x9f\x98\x80\x7f\"").AsString(), "\xf0\x9f\x98\x80\x7f");
}

TEST(Parse, RefusesTextThatIsNotUtf8) {
  for (const char* text : {"\"\x80\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc3\"",
                           "{\"\xff\":1}", "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\\ud800\\ud800\""}) {
    EXPECT_NE(Refused(text), "") << text;
  }
}

TEST(Parse, ReadsIntegersThatFitAndRoundsThoseThatDoNot) {
  EXPECT_EQ(*Parsed("9223372036854775807").AsInt(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(*Parsed("-9223372036854775808").AsInt(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*Parsed("-0").AsInt(), 0);
  EXPECT_EQ(*Parsed("9223372036854775808").AsDouble(), 9223372036854775808.0);
  EXPECT_EQ(*Parsed("18446744073709551615").AsDouble(), 18446744073709551615.0);
  EXPECT_EQ(*Parsed("-9223372036854775809").AsDouble(), -9223372036854775809.0);
  EXPECT_EQ(*Parsed("123456789012345678901234567890").AsDouble(), 123456789012345678901234567890.0);
}

TEST(Parse, ReadsFractionsToTheLastBit) {
  EXPECT_EQ(*Parsed("1.0").AsDouble(), 1.0);
  EXPECT_EQ(*Parsed("1e2").AsDouble(), 100.0);
  EXPECT_EQ(*Parsed("-1.5E-3").AsDouble(), -0.0015);
  EXPECT_EQ(*Parsed("1700000000.123").AsDouble(), 1700000000.123);
  EXPECT_EQ(*Parsed("1.7976931348623157e308").AsDouble(), std::numeric_limits<double>::max());
  EXPECT_EQ(*Parsed("5e-324").AsDouble(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(*Parsed("2.2250738585072011e-308").AsDouble(), 2.2250738585072011e-308);
  EXPECT_EQ(*Parsed("0.1000000000000000055511151231257827").AsDouble(), 0.1);
  EXPECT_EQ(*Parsed("1e-400").AsDouble(), 0.0);
  EXPECT_EQ(*Parsed("[3.14,-7.25e1]").AsArray()->at(1).AsDouble(), -72.5);
}

TEST(Parse, RefusesNumbersThatAreNotFinite) {
  for (const char* text : {"1e309", "-1e309", "1.7976931348623159e308", "1e999999999999", "[1e400]"}) {
    EXPECT_NE(Refused(text), "") << text;
  }
  EXPECT_THAT(Refused("1e309"), HasSubstr("too large"));
  EXPECT_NE(Refused(std::string(400, '9')), "");
}

TEST(Parse, KeepsTheDepthLimit) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(Refused(nested(32)), "");
  EXPECT_THAT(Refused(nested(33)), HasSubstr("too deep"));
  EXPECT_EQ(Refused(nested(3), {.depth_max = 3}), "");
  EXPECT_THAT(Refused(nested(4), {.depth_max = 3}), HasSubstr("too deep"));
  EXPECT_THAT(Refused(R"({"a":{"b":[{}]}})", {.depth_max = 3}), HasSubstr("too deep"));
  EXPECT_NE(Refused(std::string(1 << 20, '[')), "");
}

TEST(Parse, KeepsTheSizeLimit) {
  EXPECT_EQ(Refused("[1,2]", {.bytes_max = 5}), "");
  EXPECT_THAT(Refused("[1,2]", {.bytes_max = 4}), HasSubstr("more than 4 bytes"));
}

TEST(Writer, SetsCommasAndColons) {
  std::string out;
  Writer writer(out);
  writer.BeginObject();
  writer.Name("a");
  writer.BeginArray();
  writer.Int(1);
  writer.BeginObject();
  writer.EndObject();
  writer.Bool(true);
  writer.BeginArray();
  writer.EndArray();
  writer.Null();
  writer.EndArray();
  writer.Name("b");
  writer.Raw("{\"x\":1}");
  writer.Name("c");
  writer.String("d");
  writer.EndObject();
  EXPECT_EQ(out, R"({"a":[1,{},true,[],null],"b":{"x":1},"c":"d"})");
}

TEST(Writer, AppendsToWhatIsThere) {
  std::string out = "data: ";
  Writer writer(out);
  writer.Bool(false);
  EXPECT_EQ(out, "data: false");
}

std::string Quoted(std::string_view text) {
  std::string out;
  Writer(out).String(text);
  return out;
}

TEST(Writer, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(Quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Quoted(std::string_view("\x00\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(Quoted("\x7f\xc3\xa9\xf0\x9f\x98\x80"), "\"\x7f\xc3\xa9\xf0\x9f\x98\x80\"");
  EXPECT_EQ(Quoted(""), "\"\"");
}

std::string Number(double number) {
  std::string out;
  Writer(out).Double(number);
  return out;
}

TEST(Writer, WritesDoublesWithoutExponents) {
  EXPECT_EQ(Number(1700000000.123), "1700000000.123");
  EXPECT_EQ(Number(1.7e9), "1700000000.0");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(-2.5), "-2.5");
  EXPECT_EQ(Number(0), "0.0");
  EXPECT_EQ(Number(1e-7), "0.0000001");
  EXPECT_EQ(Number(1e22), "10000000000000000000000.0");
}

TEST(Writer, WritesDoublesThatReadBackTheSame) {
  for (const double number :
       {0.0, -0.0, 1.0 / 3, 5e-324, -5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, 9007199254740993.0, 1e23,
        123456.789e-30, 9223372036854775808.0, -9223372036854775808.0, 18446744073709551616.0}) {
    const Value value = Parsed(Number(number));
    ASSERT_NE(value.AsDouble(), nullptr) << number;
    EXPECT_EQ(*value.AsDouble(), number);
    EXPECT_EQ(std::signbit(*value.AsDouble()), std::signbit(number));
  }
}

TEST(WriterDeathTest, RefusesDoublesThatAreNotFinite) {
  EXPECT_DEATH(Number(std::numeric_limits<double>::infinity()), "check failed");
  EXPECT_DEATH(Number(std::numeric_limits<double>::quiet_NaN()), "check failed");
}

TEST(Writer, WritesTheWholeRangeOfIntegers) {
  EXPECT_EQ(Rewritten("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Rewritten("-9223372036854775808"), "-9223372036854775808");
}

std::string Epoch(std::int64_t micros) {
  std::string out;
  Writer(out).EpochSeconds(micros);
  return out;
}

TEST(Writer, WritesEpochSecondsWithAtMostThreeDecimals) {
  EXPECT_EQ(Epoch(1'700'000'000'000'000), "1700000000");
  EXPECT_EQ(Epoch(1'700'000'000'123'999), "1700000000.123");
  EXPECT_EQ(Epoch(1'700'000'000'120'000), "1700000000.12");
  EXPECT_EQ(Epoch(1'700'000'000'000'999), "1700000000");
  EXPECT_EQ(Epoch(5'000), "0.005");
  EXPECT_EQ(Epoch(0), "0");
  EXPECT_EQ(Epoch(-1'500'000), "-1.5");
  EXPECT_EQ(Epoch(-1), "-0.001");
  EXPECT_EQ(Epoch(std::numeric_limits<std::int64_t>::min()), "-9223372036854.776");
}

}  // namespace
}  // namespace firmsign::json
