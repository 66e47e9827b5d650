// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "gateway/testing/call.h"
#include "services/sts/operations.h"

namespace firmsign::sts {
namespace {

TEST(GetCallerIdentity, TellsARootItsAccount) {
  gateway::FakeGateway gateway(AccountId("123456789012"));
  Service service;
  const auto answer = gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->account, "123456789012");
  EXPECT_EQ(answer->user_id, "123456789012");
  EXPECT_EQ(answer->arn, "arn:aws:iam::123456789012:root");
}

TEST(GetCallerIdentity, RepeatsWhatThePrincipalIs) {
  gateway::FakeGateway gateway;
  gateway.facts.caller.user_id = "AROAEXAMPLE:session";
  gateway.facts.caller.arn = "arn:aws:sts::111122223333:assumed-role/release/session";
  Service service;
  const auto answer = gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->user_id, "AROAEXAMPLE:session");
  EXPECT_EQ(answer->arn, "arn:aws:sts::111122223333:assumed-role/release/session");
}

TEST(GetCallerIdentity, NeedsNoFurtherRight) {
  gateway::FakeGateway gateway;
  Service service;
  ASSERT_TRUE((gateway.Call<ops::GetCallerIdentity, nullptr, &GetCallerIdentity>(service, {}).has_value()));
  EXPECT_TRUE(gateway.required.empty());
  EXPECT_TRUE(ops::GetCallerIdentity::kDescriptor.iam.empty());
}

TEST(Routes, NameTheServiceOnceAndEveryOperation) {
  Service service;
  const gateway::ServiceRoutes routes = Routes(service);
  EXPECT_EQ(routes.descriptor->signing_name, "sts");
  EXPECT_EQ(routes.service, &service);
  ASSERT_EQ(routes.handlers.size(), 1U);
  EXPECT_TRUE(routes.handlers[0].is_built);
}

}  // namespace
}  // namespace firmsign::sts
