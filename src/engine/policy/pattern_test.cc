// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/pattern.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firmsign::policy {
namespace {

Pattern PatternOf(std::string_view text) {
  return Template::Parse(text, {.has_variables = false, .has_wildcards = true})->constant();
}

// As slow as can be, and plainly right: ASCII alone.
bool SlowMatch(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return SlowMatch(pattern.substr(1), text) || (!text.empty() && SlowMatch(pattern, text.substr(1)));
  }
  if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
  return SlowMatch(pattern.substr(1), text.substr(1));
}

RC_GTEST_PROP(Pattern, AgreesWithASlowMatcher, ()) {
  const auto pattern = *rc::gen::resize(14, rc::gen::container<std::string>(rc::gen::element('a', 'b', '*', '?')));
  const auto text = *rc::gen::resize(20, rc::gen::container<std::string>(rc::gen::element('a', 'b')));
  RC_ASSERT(PatternOf(pattern).Matches(text) == SlowMatch(pattern, text));
}

RC_GTEST_PROP(Pattern, MatchesWhatItWasMadeFrom, (const std::string& text)) {
  Pattern literal;
  literal.AddLiteral(text);
  RC_ASSERT(literal.Matches(text));
  RC_ASSERT(!literal.Matches(text + "x"));
  Pattern everything;
  everything.AddAny();
  RC_ASSERT(everything.Matches(text));
}

TEST(Pattern, TakesNoTimeForWhatIsMeantToTakeLong) {
  std::string stars;
  for (int i = 0; i < 1000; ++i) stars += "*a";
  EXPECT_FALSE(PatternOf(stars + "b").Matches(std::string(20'000, 'a')));
}

TEST(Pattern, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(PatternOf("a?c").Matches("a\u00fcc"));
  EXPECT_FALSE(PatternOf("a??c").Matches("a\u00fcc"));
  EXPECT_TRUE(PatternOf("?").Matches("\xff")) << "a byte that is no character";
}

TEST(Template, LeavesVariablesAloneWhereThereAreNone) {
  const auto parsed = Template::Parse("${aws:username}", {.has_variables = false, .has_wildcards = true});
  ASSERT_TRUE(parsed && parsed->is_constant());
  EXPECT_TRUE(parsed->constant().Matches("${aws:username}"));
}

TEST(Template, PutsInWhatTheRequestSaysAndNoWildcardOfIt) {
  const auto parsed = Template::Parse("home/${aws:username}/*", {});
  ASSERT_TRUE(parsed && !parsed->is_constant());
  Context context;
  EXPECT_FALSE(parsed->Resolve(context).has_value());
  context.Set("AWS:UserName", "*");
  EXPECT_TRUE(parsed->Resolve(context)->Matches("home/*/x"));
  EXPECT_FALSE(parsed->Resolve(context)->Matches("home/sam/x"));
}

TEST(Context, FindsKeysWhateverTheirCase) {
  Context base;
  base.Add("aws:TagKeys", "a");
  base.Add("AWS:tagkeys", "b");
  base.AddKey("aws:Empty");
  Context context(&base);
  ASSERT_NE(context.Find("aws:tagkeys"), nullptr);
  EXPECT_EQ(context.Find("aws:tagkeys")->size(), 2U);
  ASSERT_NE(context.Find("aws:empty"), nullptr);
  EXPECT_TRUE(context.Find("aws:empty")->empty());
  context.Set("aws:TagKeys", "c");
  EXPECT_EQ(context.Find("aws:tagkeys")->size(), 1U);
  EXPECT_EQ(base.Find("aws:tagkeys")->size(), 2U);
  EXPECT_EQ(context.Find("aws:none"), nullptr);
}

}  // namespace
}  // namespace firmsign::policy
