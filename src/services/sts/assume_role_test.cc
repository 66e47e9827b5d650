// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/sts/session.h"
#include "services/sts/testing/sts_fixture.h"

namespace firmsign::sts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kRole = "arn:aws:iam::111122223333:role/ci/release";

class AssumeRoleTest : public StsTest {
 protected:
  AssumeRoleTest() {
    BecomeUser();
    identities.AddRole({.account = AccountId("111122223333"),
                        .id = "AROARELEASE",
                        .name = "release",
                        .arn = kRole,
                        .trust = nullptr,
                        .session_seconds_max = 7200},
                       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
                           "Action":"sts:AssumeRole"}})");
  }
  std::expected<AssumeRoleResponse, aws::ApiError> Assume(AssumeRoleRequest input) {
    if (input.role_arn.empty()) input.role_arn = kRole;
    if (input.role_session_name.empty()) input.role_session_name = "build-7";
    return gateway.Call<ops::AssumeRole, &ResolveAssumeRole, &AssumeRole>(service, std::move(input));
  }
  void BecomeSession(policy::Session session) {
    policy::Principal& caller = gateway.facts.caller;
    caller.type = policy::PrincipalType::kAssumedRole;
    caller.session = std::make_shared<const policy::Session>(std::move(session));
  }
  static std::string Code(const std::expected<AssumeRoleResponse, aws::ApiError>& answer) {
    if (answer) return "";
    return answer.error().shape != nullptr ? std::string(answer.error().shape->name) : "AccessDenied";
  }
};

TEST_F(AssumeRoleTest, MakesASessionOfTheRole) {
  const auto answer = Assume({});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/release/build-7");
  EXPECT_EQ(answer->assumed_role_user->assumed_role_id, "AROARELEASE:build-7");
  EXPECT_EQ(answer->credentials->access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(answer->credentials->expiration, InstantFromSeconds(1'700'003'600));
  ASSERT_EQ(sessions.issued.size(), 1U);
  const policy::Principal& principal = sessions.issued[0].principal;
  EXPECT_EQ(principal.type, policy::PrincipalType::kAssumedRole);
  EXPECT_EQ(principal.entity_id, "AROARELEASE");
  EXPECT_EQ(principal.entity_arn, kRole);
  EXPECT_FALSE(principal.session->mfa_at.has_value());
  EXPECT_FALSE(principal.session->is_chained);
  EXPECT_TRUE(sessions.issued[0].parent.empty()) << "it outlives the key that asked";
}

TEST_F(AssumeRoleTest, AsksTheRolesPolicyWithWhatTheRequestShows) {
  const auto resolved = ResolveAssumeRole(service, gateway.facts,
                                          {.role_arn = kRole,
                                           .role_session_name = "s",
                                           .serial_number = "arn:aws:iam::111122223333:mfa/sam",
                                           .token_code = "123456"});
  ASSERT_TRUE(resolved);
  EXPECT_TRUE(resolved->needs_policy);
  ASSERT_NE(resolved->policy, nullptr);
  EXPECT_EQ(resolved->owner, AccountId("111122223333"));
  EXPECT_THAT(*resolved->context.Find("aws:multifactorauthpresent"), ElementsAre("true"));
}

TEST_F(AssumeRoleTest, DoesNotTellWhetherARoleExists) {
  const auto resolved = ResolveAssumeRole(
      service, gateway.facts, {.role_arn = "arn:aws:iam::444455556666:role/none", .role_session_name = "s"});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->policy, nullptr);
  EXPECT_TRUE(resolved->needs_policy);
  EXPECT_EQ(resolved->owner, AccountId("444455556666"));
}

TEST_F(AssumeRoleTest, TakesACodeOnce) {
  const AssumeRoleRequest input{.serial_number = "arn:aws:iam::111122223333:mfa/sam", .token_code = "123456"};
  EXPECT_EQ(Code(Assume(input)), "");
  EXPECT_EQ(Code(Assume(input)), "AccessDenied");
  EXPECT_EQ(Code(Assume({.serial_number = "arn:aws:iam::111122223333:mfa/sam", .token_code = "654321"})),
            "AccessDenied");
  EXPECT_EQ(Code(Assume({.serial_number = "arn:aws:iam::111122223333:mfa/sam"})), "AccessDenied") << "half of it";
  EXPECT_EQ(sessions.issued.size(), 1U);
}

TEST_F(AssumeRoleTest, RefusesRoots) {
  gateway.facts.caller = policy::RootOf(AccountId("111122223333"));
  EXPECT_EQ(Code(Assume({})), "AccessDenied");
}

TEST_F(AssumeRoleTest, LastsNoLongerThanTheRoleAllows) {
  EXPECT_EQ(Code(Assume({.duration_seconds = 7200})), "");
  const auto refused = Assume({.duration_seconds = 7201});
  EXPECT_EQ(Code(refused), "ValidationError");
  EXPECT_THAT(refused.error().message, HasSubstr("exceeds the MaxSessionDuration"));
}

TEST_F(AssumeRoleTest, LastsAnHourAtMostWhenASessionAsks) {
  BecomeSession({});
  EXPECT_EQ(Code(Assume({.duration_seconds = 3601})), "ValidationError");
  ASSERT_TRUE(Assume({.duration_seconds = 3600}));
  EXPECT_TRUE(sessions.issued[0].principal.session->is_chained);
}

TEST_F(AssumeRoleTest, CarriesTagsOnThatAreTransitive) {
  BecomeSession({.tags = {{"project", "boot"}, {"cost", "7"}}, .transitive_tag_keys = {"Project"}});
  ASSERT_TRUE(Assume({.tags = std::vector<Tag>{{.key = "stage", .value = "prod"}},
                      .transitive_tag_keys = std::vector<std::string>{"stage"}}));
  const policy::Session& session = *sessions.issued[0].principal.session;
  EXPECT_THAT(session.tags, ElementsAre(Pair("stage", "prod"), Pair("project", "boot")));
  EXPECT_THAT(session.transitive_tag_keys, ElementsAre("stage", "Project"));
  EXPECT_EQ(Code(Assume({.tags = std::vector<Tag>{{.key = "PROJECT", .value = "else"}}})), "AccessDenied");
  EXPECT_EQ(Code(Assume({.tags = std::vector<Tag>{{.key = "a", .value = ""}, {.key = "A", .value = ""}}})),
            "ValidationError");
}

TEST_F(AssumeRoleTest, KeepsTheSourceIdentityForGood) {
  ASSERT_TRUE(Assume({.source_identity = "alice"}));
  EXPECT_EQ(sessions.issued[0].principal.session->source_identity, "alice");
  BecomeSession({.source_identity = "alice"});
  ASSERT_TRUE(Assume({}));
  EXPECT_EQ(sessions.issued[1].principal.session->source_identity, "alice");
  EXPECT_EQ(Code(Assume({.source_identity = "bob"})), "AccessDenied");
}

TEST_F(AssumeRoleTest, PassesSessionPoliciesOnIfTheyAreSome) {
  identities.managed_policies = {"arn:aws:iam::111122223333:policy/Sign"};
  const std::string policy = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
  const auto answer =
      Assume({.policy_arns = std::vector<PolicyDescriptorType>{{.arn = "arn:aws:iam::111122223333:policy/Sign"}},
              .policy = policy});
  ASSERT_TRUE(answer);
  EXPECT_EQ(sessions.issued[0].policy, policy);
  EXPECT_THAT(sessions.issued[0].policy_arns, ElementsAre("arn:aws:iam::111122223333:policy/Sign"));
  EXPECT_GT(answer->packed_policy_size, 0);
  EXPECT_EQ(Code(Assume({.policy = "{}"})), "MalformedPolicyDocumentException");
  EXPECT_EQ(Code(Assume({.policy_arns = std::vector<PolicyDescriptorType>{{.arn = "arn:aws:iam::aws:policy/None"}}})),
            "MalformedPolicyDocumentException");
  std::string large = policy;
  large.insert(1, std::string(kPackedBytesMax, ' '));
  EXPECT_EQ(Code(Assume({.policy = large})), "PackedPolicyTooLargeException");
}

TEST_F(StsTest, GetSessionTokenKeepsTheCallersIdentity) {
  BecomeUser();
  const auto answer = gateway.Call<ops::GetSessionToken, nullptr, &GetSessionToken>(service, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->credentials->expiration, InstantFromSeconds(1'700'000'000 + 43'200));
  EXPECT_EQ(sessions.issued[0].principal.arn, gateway.facts.caller.arn);
  EXPECT_EQ(sessions.issued[0].parent, AccessKeyId("AKIASAM")) << "it ends with the key";
  EXPECT_FALSE(sessions.issued[0].principal.session->mfa_at.has_value());
  ASSERT_TRUE((gateway.Call<ops::GetSessionToken, nullptr, &GetSessionToken>(
      service, {.serial_number = "arn:aws:iam::111122223333:mfa/sam", .token_code = "123456"})));
  EXPECT_TRUE(sessions.issued[1].principal.session->mfa_at.has_value());
}

TEST_F(StsTest, SessionsOfARootLastAnHour) {
  ASSERT_TRUE((gateway.Call<ops::GetSessionToken, nullptr, &GetSessionToken>(service, {})));
  EXPECT_EQ(sessions.issued[0].principal.session->expires_at, InstantFromSeconds(1'700'003'600));
}

TEST_F(StsTest, SessionsMakeNoFurtherOnes) {
  BecomeUser();
  gateway.facts.caller.session = std::make_shared<const policy::Session>();
  EXPECT_FALSE((gateway.Call<ops::GetSessionToken, nullptr, &GetSessionToken>(service, {})));
  EXPECT_FALSE((gateway.Call<ops::GetFederationToken, nullptr, &GetFederationToken>(service, {.name = "bob"})));
  EXPECT_TRUE(sessions.issued.empty());
}

TEST_F(StsTest, GetFederationTokenNamesSomebodyElse) {
  BecomeUser();
  const auto answer = gateway.Call<ops::GetFederationToken, nullptr, &GetFederationToken>(service, {.name = "bob"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->federated_user->arn, "arn:aws:sts::111122223333:federated-user/bob");
  EXPECT_EQ(answer->federated_user->federated_user_id, "111122223333:bob");
  EXPECT_EQ(sessions.issued[0].principal.entity_id, "AIDASAM");
}

TEST_F(StsTest, GetAccessKeyInfoTellsTheAccountOfAKey) {
  identities.keys.emplace("AKIAONE", AccountId("444455556666"));
  EXPECT_EQ(
      (gateway.Call<ops::GetAccessKeyInfo, nullptr, &GetAccessKeyInfo>(service, {.access_key_id = "AKIAONE"}))->account,
      "444455556666");
  EXPECT_FALSE(
      (gateway.Call<ops::GetAccessKeyInfo, nullptr, &GetAccessKeyInfo>(service, {.access_key_id = "AKIATWO"})));
}

}  // namespace
}  // namespace firmsign::sts
