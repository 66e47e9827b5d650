// SPDX-License-Identifier: Apache-2.0

#include "gateway/authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/services.h"

namespace firmsign::gateway {
namespace {

using ::testing::HasSubstr;

template <class Op>
CallFacts FactsOf(const char* account = "111122223333") {
  CallFacts facts;
  facts.operation = &Op::kDescriptor;
  facts.caller = policy::RootOf(AccountId(account));
  facts.region = Region("us-east-1");
  return facts;
}

TEST(ExpandResource, FillsRegionAccountAndMembersOfTheInput) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = {}};
  EXPECT_EQ(ExpandResource("arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}", facts, &input),
            "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release");
  EXPECT_EQ(ExpandResource("*", facts, &input), "*");
  EXPECT_EQ(ExpandResource("", facts, &input), "");
}

TEST(ExpandResource, PutsAStarForAnAbsentMember) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input;
  EXPECT_EQ(ExpandResource("a/{profileOwner}/{noSuchMember}/b", facts, &input), "a/*/*/b");
}

TEST(ExpandResource, DoesNotExpandWhatAMemberHolds) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input{.profile_name = "{account}", .profile_owner = {}};
  EXPECT_EQ(ExpandResource("x/{profileName}", facts, &input), "x/{account}");
}

TEST(Authorizer, AllowsTheRootOfTheOwnersAccount) {
  const signer::DescribeSigningJobRequest input{.job_id = "j"};
  EXPECT_TRUE(Authorizer().Authorize(FactsOf<signer::ops::DescribeSigningJob>(), &input, nullptr));
}

TEST(Authorizer, LetsNobodyButTheOperatorUseTheOperatorsService) {
  const operator_api::CreateAccountRequest input{.name = "release", .account_id = {}};
  CallFacts facts = FactsOf<operator_api::ops::CreateAccount>();
  const auto root = Authorizer().Authorize(facts, &input, nullptr);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().code, Code::kDenied);
  EXPECT_THAT(root.error().message, HasSubstr("CreateAccount is for the operator"));
  facts.caller.type = policy::PrincipalType::kAnonymous;
  EXPECT_FALSE(Authorizer().Authorize(facts, &input, nullptr));
  facts.caller.type = policy::PrincipalType::kOperator;
  EXPECT_TRUE(Authorizer().Authorize(facts, &input, nullptr));
}

TEST(Authorizer, RefusesARequestForAnotherAccountsResourceInAwsWords) {
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = "444455556666"};
  const Resolution theirs{.owner = AccountId("444455556666"),
                          .arn = "arn:aws:signer:us-east-1:444455556666:/signing-profiles/release",
                          .value = {}};
  const auto allowed = Authorizer().Authorize(FactsOf<signer::ops::GetSigningProfile>(), &input, &theirs);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, Code::kDenied);
  EXPECT_EQ(allowed.error().message,
            "User: arn:aws:iam::111122223333:root is not authorized to perform: signer:GetSigningProfile on resource: "
            "arn:aws:signer:us-east-1:444455556666:/signing-profiles/release because no identity-based policy allows "
            "the signer:GetSigningProfile action");
}

TEST(Authorizer, RefusesAnonymousCallersEverything) {
  CallFacts facts = FactsOf<s3::ops::ListBuckets>();
  facts.caller = {};
  const s3::ops::ListBuckets::Input input;
  const auto allowed = Authorizer().Authorize(facts, &input, nullptr);
  ASSERT_FALSE(allowed);
  EXPECT_THAT(allowed.error().message, HasSubstr("User: anonymous"));
  // Not even what nobody owns.
  const Resolution unowned{.owner = AccountId(), .arn = "arn:aws:s3:::bucket", .value = {}};
  EXPECT_FALSE(Authorizer().Authorize(facts, &input, &unowned));
}

TEST(Authorizer, GivesAGrantForExactlyWhatWasAsked) {
  const CallFacts facts = FactsOf<signer::ops::StartSigningJob>();
  const auto grant =
      Authorizer().Require(facts, "s3:PutObject", "arn:aws:s3:::signed/out/1", AccountId("111122223333"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->action(), "s3:PutObject");
  EXPECT_EQ(grant->resource(), "arn:aws:s3:::signed/out/1");
  EXPECT_EQ(grant->account(), AccountId("111122223333"));
  EXPECT_FALSE(Authorizer().Require(facts, "s3:PutObject", "arn:aws:s3:::signed/out/1", AccountId("444455556666")));
}

// No operation is allowed for want of a question. The two without one: everybody may ask who they are, and
// DeleteObjects asks for each of its keys.
TEST(Authorizer, AsksSomethingOfEveryOperationButTwo) {
  for (const ServiceRoutes& service : AllServices()) {
    for (const Handler& handler : service.handlers) {
      if (handler.operation->name == "GetCallerIdentity" || handler.operation->name == "DeleteObjects") continue;
      EXPECT_FALSE(handler.operation->iam.empty()) << handler.operation->name;
    }
  }
}

}  // namespace
}  // namespace firmsign::gateway
