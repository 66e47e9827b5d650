// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/explain.h"

#include <gtest/gtest.h>

#include "platform/json/json.h"

namespace firmsign::policy {
namespace {

TEST(ExplainDecision, LeavesKeysOutWhenItBecomesTooLong) {
  Context context;
  for (int i = 0; i < 100; ++i) context.Set("aws:RequestTag/" + std::to_string(i), std::string(100, 'x'));
  const Principal principal = RootOf(AccountId("111122223333"));
  const Question question{.principal = principal,
                          .action = "s3:GetObject",
                          .resource = "*",
                          .owner = principal.account,
                          .context = context};
  const auto keys_of = [&](std::size_t bytes_max) {
    const std::string text = ExplainDecision(question, Evaluate(question), bytes_max);
    EXPECT_LE(text.size(), bytes_max);
    return json::Parse(text).value().Find("context")->Find("conditions")->Find("items")->AsArray()->size();
  };
  EXPECT_EQ(keys_of(100'000), 100U);
  const std::size_t fewer = keys_of(7'000);
  EXPECT_GT(fewer, 20U);
  EXPECT_LT(fewer, 100U);
}

}  // namespace
}  // namespace firmsign::policy
