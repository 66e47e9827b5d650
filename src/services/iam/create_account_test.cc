// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/validate.h"
#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr SecretAccess kRevealed("test");

using CreateAccountTest = OperationTest;

TEST_F(CreateAccountTest, MakesAnAccountWhoseRootCanSignAtOnce) {
  const auto made = Create("release team");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->name, "release team");
  EXPECT_EQ(made->region, "us-east-1");
  EXPECT_EQ(made->created_at, gateway.facts.now);
  const auto credential = credentials.Find(AccessKeyId(made->access_key_id), "");
  ASSERT_TRUE(credential.has_value());
  EXPECT_EQ(credential->principal.account.str(), made->account_id);
  EXPECT_EQ(credential->principal.type, policy::PrincipalType::kRoot);
  EXPECT_EQ(credential->secret.Reveal(kRevealed), made->secret_access_key);
}

TEST_F(CreateAccountTest, TakesTheIdThatItIsGiven) {
  const auto made = Create("a", "000011112222");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->account_id, "000011112222");
  EXPECT_TRUE(accounts.Exists(AccountId("000011112222")).has_value());
}

TEST_F(CreateAccountTest, IsRecordedInTheTransactionOfItsChange) {
  ASSERT_TRUE(Create("a").has_value());
  EXPECT_EQ(gateway.records, 1);
  EXPECT_TRUE(gateway.required.empty());
}

TEST_F(CreateAccountTest, RefusesAnIdThatIsTakenAndChangesNothing) {
  const auto first = Create("a", "111122223333").value();
  const auto second = Create("b", "111122223333");
  ASSERT_FALSE(second.has_value());
  ASSERT_NE(second.error().shape, nullptr);
  EXPECT_EQ(second.error().shape->name, "ConflictException");
  EXPECT_EQ(second.error().shape->http_status, 409);
  EXPECT_THAT(second.error().message, HasSubstr("111122223333"));
  EXPECT_EQ(gateway.records, 1);
  const auto listed = List()->accounts;
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].name, "a");
  EXPECT_EQ(store.FindAccessKey(AccessKeyId(first.access_key_id))->account.str(), "111122223333");
}

TEST_F(CreateAccountTest, MakesTwoAccountsOfOneName) {
  const auto first = Create("a").value();
  const auto second = Create("a").value();
  EXPECT_NE(first.account_id, second.account_id);
  EXPECT_NE(first.access_key_id, second.access_key_id);
}

TEST_F(CreateAccountTest, LeavesNothingWhenItsRecordCannotBeWritten) {
  class NoTrail final : public gateway::CallServices {
   public:
    Expected<policy::Grant> Require(const gateway::CallFacts&, std::string_view, const gateway::Resource&) override {
      return Fail(Code::kInternal, "not asked");
    }
    Expected<void> Record(db::Transaction&, const gateway::CallFacts&, const void*, const void*) override {
      return Fail(Code::kUnavailable, "no trail");
    }
  } no_trail;
  const operator_api::CreateAccountRequest input{.name = "a", .account_id = {}};
  gateway.facts.operation = &operator_api::ops::CreateAccount::kDescriptor;
  const gateway::AuthorizedCall call{.facts = gateway.facts, .services = no_trail, .input = &input, .resolution = {}};
  const auto made =
      gateway::HandlerOf<Service, operator_api::ops::CreateAccount, nullptr, &CreateAccount>::Run(&service, call);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().origin, aws::ErrorOrigin::kUnavailable);
  EXPECT_THAT(List()->accounts, IsEmpty());
}

// What the model lets through.
bool IsAccepted(std::string name, std::optional<std::string> id = std::nullopt) {
  const operator_api::CreateAccountRequest input{.name = std::move(name), .account_id = std::move(id)};
  return aws::Validate(operator_api::shapes::kCreateAccountRequest, &input, aws::Strings::kText).empty();
}

TEST(AccountName, IsOneToFiftyCharactersThatCanBeSeen) {
  EXPECT_TRUE(IsAccepted("a"));
  EXPECT_TRUE(IsAccepted("Release team (EU) #2"));
  EXPECT_TRUE(IsAccepted(std::string(50, 'x')));
  EXPECT_FALSE(IsAccepted(""));
  EXPECT_FALSE(IsAccepted(std::string(51, 'x')));
  for (const char* name : {" a", "a ", "a\nb", "a\n", "a\tb", "a\x7f", "\x1b[2J", "\xc3\xbc"}) {
    EXPECT_FALSE(IsAccepted(name)) << name;
  }
}

TEST(AccountId, HasTwelveDigits) {
  EXPECT_TRUE(IsAccepted("a", "012345678901"));
  for (const char* id : {"", "01234567890", "0123456789012", "01234567890a", "012345678901\n"}) {
    EXPECT_FALSE(IsAccepted("a", id)) << id;
  }
}

}  // namespace
}  // namespace firmsign::iam
