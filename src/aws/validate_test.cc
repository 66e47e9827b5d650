// SPDX-License-Identifier: Apache-2.0

#include "aws/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firmsign::aws {
namespace {

struct Tag {
  std::string key;
};
struct Thing {
  std::optional<std::string> name;
  std::optional<std::string> color;
  std::optional<std::string> secret;
  std::optional<std::int64_t> count;
  std::optional<std::string> bytes;
  std::optional<std::vector<std::string>> words;
  std::optional<std::vector<Tag>> tags;
  std::optional<StringMap> labels;
  std::optional<Tag> inner;
};

constexpr std::string_view kColors[] = {"Red", "Green"};
constexpr Shape kName{.kind = Kind::kString, .constraints = {.min = 2, .max = 5, .pattern = "[a-z]*"}};
constexpr Shape kColor{.kind = Kind::kString, .constraints = {.enum_values = kColors}};
constexpr Shape kCount{.kind = Kind::kLong, .constraints = {.min = 1, .max = 25}};
constexpr Shape kBytes{.kind = Kind::kBlob, .constraints = {.min = 1, .max = 4}};
constexpr Shape kWord{.kind = Kind::kString, .constraints = {.min = 1, .max = 3, .pattern = "[a-z]+"}};
constexpr Shape kWords{
    .kind = Kind::kList, .constraints = {.max = 3}, .element = &kWord, .list = &kListAccess<std::string>};
constexpr Member kTagMembers[] = {{.name = "Key",
                                   .required = true,
                                   .shape = &kName,
                                   .get = Access<&Tag::key>::Get,
                                   .emplace = Access<&Tag::key>::Emplace}};
constexpr Shape kTag{.kind = Kind::kStructure, .members = kTagMembers};
constexpr Shape kTags{.kind = Kind::kList, .constraints = {.max = 20}, .element = &kTag, .list = &kListAccess<Tag>};
constexpr Shape kLabels{.kind = Kind::kMap, .constraints = {.max = 2}, .element = &kWord, .key = &kWord};

template <auto Field>
constexpr Member Make(std::string_view name, const Shape& shape, bool sensitive = false) {
  return {.name = name,
          .sensitive = sensitive,
          .shape = &shape,
          .get = Access<Field>::Get,
          .emplace = Access<Field>::Emplace};
}
constexpr Member kMembers[] = {
    Make<&Thing::name>("thingName", kName),      Make<&Thing::color>("color", kColor),
    Make<&Thing::secret>("secret", kName, true), Make<&Thing::count>("count", kCount),
    Make<&Thing::bytes>("bytes", kBytes),        Make<&Thing::words>("words", kWords),
    Make<&Thing::tags>("Tags", kTags),           Make<&Thing::labels>("labels", kLabels),
    Make<&Thing::inner>("inner", kTag),
};
constexpr Shape kThing{.kind = Kind::kStructure, .members = kMembers};

constexpr Shape kAnyText{.kind = Kind::kString};
constexpr Shape kAnyTexts{.kind = Kind::kList, .element = &kAnyText, .list = &kListAccess<std::string>};
constexpr Shape kAnyLabels{.kind = Kind::kMap, .element = &kAnyText, .key = &kAnyText};
constexpr Member kFreeMembers[] = {Make<&Thing::name>("name", kAnyText), Make<&Thing::words>("words", kAnyTexts),
                                   Make<&Thing::labels>("labels", kAnyLabels), Make<&Thing::bytes>("bytes", kBytes)};
constexpr Shape kFreeThing{.kind = Kind::kStructure, .members = kFreeMembers};

std::string FreeMessage(const Thing& thing) { return FormatViolations(Validate(kFreeThing, &thing)); }

std::string Message(const Thing& thing) {
  const auto violations = Validate(kThing, &thing);
  return violations.empty() ? "" : FormatViolations(violations);
}

TEST(Validate, AcceptsWhatKeepsTheRulesAndWhatIsAbsent) {
  EXPECT_EQ(Message({}), "");
  EXPECT_EQ(Message({.name = "abc",
                     .color = "Green",
                     .secret = "abc",
                     .count = 25,
                     .bytes = "1234",
                     .words = {{"a", "abc"}},
                     .tags = {{{"ab"}}},
                     .labels = {{{"a", "b"}}},
                     .inner = {{"ab"}}}),
            "");
}

TEST(Validate, SpeaksOfLengthPatternEnumAndNumberInTheWordsOfAws) {
  EXPECT_EQ(
      Message({.name = "x"}),
      "1 validation error detected: Value 'x' at 'thingName' failed to satisfy constraint: Member must have length "
      "greater than or equal to 2");
  EXPECT_EQ(Message({.name = "abcdef"}),
            "1 validation error detected: Value 'abcdef' at 'thingName' failed to satisfy constraint: Member must have "
            "length less than or equal to 5");
  EXPECT_EQ(Message({.name = "AB"}),
            "1 validation error detected: Value 'AB' at 'thingName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [a-z]*");
  EXPECT_EQ(
      Message({.color = "Blue"}),
      "1 validation error detected: Value 'Blue' at 'color' failed to satisfy constraint: Member must satisfy enum "
      "value set: [Red, Green]");
  EXPECT_EQ(
      Message({.count = 26}),
      "1 validation error detected: Value '26' at 'count' failed to satisfy constraint: Member must have value less "
      "than or equal to 25");
  EXPECT_EQ(Message({.count = 0}),
            "1 validation error detected: Value '0' at 'count' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1");
}

TEST(Validate, ListsSeveralErrors) {
  EXPECT_EQ(
      Message({.name = "X", .count = 0}),
      "3 validation errors detected: Value 'X' at 'thingName' failed to satisfy constraint: Member must have length "
      "greater than or equal to 2; Value 'X' at 'thingName' failed to satisfy constraint: Member must satisfy "
      "regular expression pattern: [a-z]*; Value '0' at 'count' failed to satisfy constraint: Member must have "
      "value greater than or equal to 1");
}

TEST(Validate, CountsCharactersNotBytes) {
  EXPECT_THAT(Message({.name = "äöüäö"}), ::testing::Not(::testing::HasSubstr("length")));
  EXPECT_THAT(Message({.name = "äöüäöü"}), ::testing::HasSubstr("length less than"));
}

TEST(Validate, NamesElementsOfListsAndNestedMembers) {
  EXPECT_THAT(Message({.tags = {{{"ab"}, {"x"}}}}), ::testing::HasSubstr("Value 'x' at 'tags.2.member.key' failed"));
  EXPECT_THAT(Message({.inner = {{"x"}}}), ::testing::HasSubstr("Value 'x' at 'inner.key' failed"));
  EXPECT_EQ(
      Message({.words = {{"a", "abcd"}}}),
      "1 validation error detected: Value '[a, abcd]' at 'words' failed to satisfy constraint: Member must satisfy "
      "constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal "
      "to 1, Member must satisfy regular expression pattern: [a-z]+]");
  EXPECT_THAT(Message({.words = {{"a", "b", "c", "d"}}}),
              ::testing::HasSubstr("Value '[a, b, c, d]' at 'words' failed to satisfy constraint: Member must have "
                                   "length less than or equal to 3"));
}

TEST(Validate, ChecksKeysAndValuesOfMaps) {
  EXPECT_THAT(Message({.labels = {{{"A", "b"}}}}),
              ::testing::HasSubstr("Value '{A=b}' at 'labels' failed to satisfy constraint: Map keys must satisfy "
                                   "constraint: [Member must have length less than or equal to 3"));
  EXPECT_THAT(Message({.labels = {{{"a", "B"}}}}), ::testing::HasSubstr("Map value must satisfy constraint: ["));
  EXPECT_THAT(Message({.labels = {{{"a", "a"}, {"b", "b"}, {"c", "c"}}}}),
              ::testing::HasSubstr("Member must have length less than or equal to 2"));
}

TEST(Validate, RepeatsNoSecretsNoBytesAndNothingLong) {
  EXPECT_EQ(Message({.secret = "S"}).find("'S'"), std::string::npos);
  EXPECT_THAT(Message({.secret = "S"}), ::testing::HasSubstr("Value at 'secret' failed"));
  EXPECT_THAT(Message({.bytes = "12345"}), ::testing::HasSubstr("Value at 'bytes' failed to satisfy constraint: Member "
                                                                "must have length less than or equal to 4"));
  EXPECT_THAT(Message({.color = std::string(257, 'x')}), ::testing::HasSubstr("Value at 'color' failed"));
}

TEST(Validate, StopsAtTen) {
  Thing thing;
  thing.tags.emplace(50, Tag{"x"});
  EXPECT_EQ(Validate(kThing, &thing).size(), 10U);
  EXPECT_THAT(Message(thing), ::testing::StartsWith("10 validation errors detected: "));
}

TEST(FormatViolations, PrintsNullWithoutQuotes) {
  EXPECT_EQ(
      FormatViolations({{"null", "source.s3.version", "Member must not be null"}}),
      "1 validation error detected: Value null at 'source.s3.version' failed to satisfy constraint: Member must not "
      "be null");
}

TEST(FormatViolations, SaysOfAnAbsentMemberOnlyThatItIsAbsent) {
  EXPECT_EQ(
      FormatViolations({{"null", "source", "Member must not be null"},
                        {"", "source", "Member must have length greater than or equal to 1"},
                        {"", "source.key", "Member must have length greater than or equal to 1"},
                        {"", "sources", "Member must satisfy constraint: []"}}),
      "2 validation errors detected: Value null at 'source' failed to satisfy constraint: Member must not be null; "
      "Value '' at 'sources' failed to satisfy constraint: Member must satisfy constraint: []");
}

TEST(Validate, TakesOnlyTextThatEveryDatabaseKeeps) {
  const std::string with_nul("a\0b", 3);
  const std::string rule = "Member must be UTF-8 text without the character U+0000";
  EXPECT_EQ(FreeMessage({.name = with_nul}),
            "1 validation error detected: Value at 'name' failed to satisfy constraint: " + rule);
  EXPECT_EQ(FreeMessage({.name = "caf\xe9"}),
            "1 validation error detected: Value at 'name' failed to satisfy constraint: " + rule);
  EXPECT_EQ(FreeMessage({.words = {{"a", with_nul}}}),
            "1 validation error detected: Value at 'words' failed to satisfy constraint: Member must satisfy "
            "constraint: [" +
                rule + "]");
  EXPECT_EQ(FreeMessage({.labels = StringMap{{with_nul, "v"}}}),
            "1 validation error detected: Value at 'labels' failed to satisfy constraint: Map keys must satisfy "
            "constraint: [" +
                rule + "]");
  EXPECT_EQ(FreeMessage({.labels = StringMap{{"k", with_nul}}}),
            "1 validation error detected: Value at 'labels' failed to satisfy constraint: Map value must satisfy "
            "constraint: [" +
                rule + "]");
  const Thing fine{.name = "caf\xc3\xa9", .bytes = with_nul};
  EXPECT_TRUE(Validate(kFreeThing, &fine).empty());
  const Thing object{.name = with_nul, .words = {{with_nul}}, .labels = StringMap{{with_nul, "\xff"}}};
  EXPECT_TRUE(Validate(kFreeThing, &object, Strings::kBytes).empty());
}

}  // namespace
}  // namespace firmsign::aws
