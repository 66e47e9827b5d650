// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/explain.h"

#include <fmt/format.h>
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

// The token service takes no longer message, so that one could not be read at all.
TEST(ExplainDecision, IsNeverLongerThanItMayBe) {
  std::string resources;
  for (int i = 0; i < 200; ++i)
    resources += fmt::format(R"({}"arn:aws:s3:::x/{}-{}")", i == 0 ? "" : ",", i, "yyyyyyyyyyyyyyyy");
  const auto document =
      ParseDocument(fmt::format(R"({{"Statement":{{"Sid":"Long","Effect":"Deny","Principal":"*","Action":"s3:*",
          "Resource":["*",{}]}}}})",
                                resources),
                    DocumentKind::kResource);
  const Policy policy("the policy of bucket x", document.value());
  const Principal principal = RootOf(AccountId("111122223333"));
  Context context;
  context.Set("aws:SourceIp", "192.0.2.1");
  const auto explain = [&](const std::string& key) {
    const std::string resource = "arn:aws:s3:::x/" + key;
    const Question question{.principal = principal,
                            .action = "s3:GetObject",
                            .resource = resource,
                            .owner = principal.account,
                            .context = context,
                            .resource_policy = &policy};
    const std::string text = ExplainDecision(question, Evaluate(question), 4096);
    EXPECT_LE(text.size(), 4096U);
    EXPECT_TRUE(json::Parse(text));
    EXPECT_NE(text.find("Long"), std::string::npos);
    return text;
  };
  EXPECT_NE(explain("k").find("192.0.2.1"), std::string::npos) << "the lists of the statement go before the keys";
  explain(std::string(1024, '\x01'));
}

TEST(ExplainDecision, TellsNothingOfAnotherAccountsPolicy) {
  const auto document =
      ParseDocument(R"({"Statement":{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}})",
                    DocumentKind::kResource);
  const Policy policy("the policy of bucket x", document.value());
  const Principal principal = RootOf(AccountId("111122223333"));
  const Context context;
  for (const char* owner : {"111122223333", "444455556666"}) {
    const AccountId account(owner);
    const Question question{.principal = principal,
                            .action = "s3:GetObject",
                            .resource = "arn:aws:s3:::x/k",
                            .owner = account,
                            .context = context,
                            .resource_policy = &policy};
    const Decision decision = Evaluate(question);
    ASSERT_TRUE(decision.is_explicit && !decision.allowed);
    const bool is_told = ExplainDecision(question, decision, 7'000).find("Theirs") != std::string::npos;
    EXPECT_EQ(is_told, account == principal.account) << owner;
  }
}

}  // namespace
}  // namespace firmsign::policy
