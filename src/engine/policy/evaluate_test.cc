// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/evaluate.h"

#include <gtest/gtest.h>

namespace firmsign::policy {
namespace {

const AccountId kOurs("111122223333");
const AccountId kTheirs("444455556666");
constexpr std::string_view kAction = "signer:StartSigningJob";
constexpr std::string_view kResource = "arn:aws:signer:us-east-1:444455556666:/signing-profiles/p";

Decision Ask(const Principal& principal, const AccountId& owner) {
  return Evaluate({.principal = principal, .action = kAction, .resource = kResource, .owner = owner});
}

TEST(Evaluate, RootMayDoEverythingInItsOwnAccount) {
  const Decision decision = Ask(RootOf(kOurs), kOurs);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.message, "");
}

TEST(Evaluate, RootMayDoNothingInAnotherAccountAndHearsWhyInTheWordsOfAws) {
  const Decision decision = Ask(RootOf(kOurs), kTheirs);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.message,
            "User: arn:aws:iam::111122223333:root is not authorized to perform: signer:StartSigningJob on resource: "
            "arn:aws:signer:us-east-1:444455556666:/signing-profiles/p because no identity-based policy allows the "
            "signer:StartSigningJob action");
}

TEST(Evaluate, TheOperatorActsAsTheRootOfTheAccountThatItNamed) {
  Principal operator_ = RootOf(kOurs);
  operator_.type = PrincipalType::kOperator;
  EXPECT_TRUE(Ask(operator_, kOurs).allowed);
  EXPECT_FALSE(Ask(operator_, kTheirs).allowed);
}

TEST(Evaluate, NobodyMayDoNothingEvenIfTheAccountMatches) {
  Principal nobody;
  EXPECT_FALSE(Ask(nobody, kOurs).allowed);
  nobody.account = kOurs;
  const Decision decision = Ask(nobody, kOurs);
  EXPECT_FALSE(decision.allowed);
  EXPECT_TRUE(decision.message.starts_with("User: anonymous is not authorized to perform: signer:StartSigningJob"));
}

TEST(Evaluate, AResourceWithoutAnOwnerIsNobodysEvenForACallerWithoutAnAccount) {
  Principal root = RootOf(AccountId());
  EXPECT_FALSE(Ask(root, AccountId()).allowed);
}

TEST(Principal, TheRootOfAnAccountHasAwsNames) {
  const Principal root = RootOf(kOurs, AccessKeyId("AKIAEXAMPLE"));
  EXPECT_EQ(root.type, PrincipalType::kRoot);
  EXPECT_EQ(root.account, kOurs);
  EXPECT_EQ(root.arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(root.user_id, "111122223333");
  EXPECT_EQ(root.access_key.str(), "AKIAEXAMPLE");
}

}  // namespace
}  // namespace firmsign::policy
