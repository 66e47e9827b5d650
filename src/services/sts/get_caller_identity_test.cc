// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "gateway/testing/call.h"
#include "services/sts/operations.h"
#include "services/sts/testing/sts_fixture.h"

namespace firmsign::sts {
namespace {

TEST_F(StsTest, TellsARootItsAccount) {
  gateway.facts.caller = policy::RootOf(AccountId("123456789012"));
  const auto answer = gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->account, "123456789012");
  EXPECT_EQ(answer->user_id, "123456789012");
  EXPECT_EQ(answer->arn, "arn:aws:iam::123456789012:root");
}

TEST_F(StsTest, RepeatsWhatThePrincipalIs) {
  gateway.facts.caller.user_id = "AROAEXAMPLE:session";
  gateway.facts.caller.arn = "arn:aws:sts::111122223333:assumed-role/release/session";
  const auto answer = gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->user_id, "AROAEXAMPLE:session");
  EXPECT_EQ(answer->arn, "arn:aws:sts::111122223333:assumed-role/release/session");
}

TEST_F(StsTest, NeedsNoFurtherRight) {
  ASSERT_TRUE((gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {}).has_value()));
  EXPECT_TRUE(gateway.required.empty());
  EXPECT_TRUE(ops::GetCallerIdentity::kDescriptor.iam.empty());
}

TEST_F(StsTest, NameTheServiceOnceAndEveryOperation) {
  const gateway::ServiceRoutes routes = Routes(service);
  EXPECT_EQ(routes.descriptor->signing_name, "sts");
  EXPECT_EQ(routes.service, &service);
  EXPECT_EQ(routes.handlers.size(), 8U);
}

}  // namespace
}  // namespace firmsign::sts
