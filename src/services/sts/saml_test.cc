// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "engine/federation/testing/saml_response.h"
#include "services/sts/operations.h"
#include "services/sts/session.h"
#include "services/sts/testing/sts_fixture.h"

namespace firmsign::sts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kSamlRole = "arn:aws:iam::111122223333:role/release";
constexpr const char* kSamlProvider = "arn:aws:iam::111122223333:saml-provider/Office";
constexpr const char* kAttribute = "https://aws.amazon.com/SAML/Attributes/";

class SamlTest : public StsTest {
 protected:
  SamlTest() {
    gateway.facts.caller = {};
    identities.AddRole({.account = AccountId("111122223333"),
                        .id = "AROARELEASE",
                        .name = "release",
                        .arn = kSamlRole,
                        .trust = nullptr},
                       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",
                           "Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Office"},
                           "Action":"sts:AssumeRoleWithSAML"}})");
    identities.AddSamlProvider({.arn = kSamlProvider, .metadata = federation::TestIdentityProvider::Metadata()});
    claims.issued_at = gateway.facts.now;
    claims.attributes = {{Named("Role"), {std::string(kSamlRole) + "," + kSamlProvider}},
                         {Named("RoleSessionName"), {"sam"}}};
  }
  static std::string Named(std::string_view name) { return kAttribute + std::string(name); }
  std::string Encoded() const { return EncodeBase64(provider.Answer(claims)); }

  AssumeRoleWithSAMLRequest Request() const {
    return {.role_arn = kSamlRole, .principal_arn = kSamlProvider, .saml_assertion = Encoded()};
  }
  std::expected<gateway::Resolution, aws::ApiError> Resolve(const AssumeRoleWithSAMLRequest& request) {
    gateway.facts.operation = &ops::AssumeRoleWithSAML::kDescriptor;
    auto resolved = ResolveAssumeRoleWithSAML(service, gateway.facts, request);
    if (!resolved) return std::unexpected(std::move(resolved).error().error());
    return *std::move(resolved);
  }
  std::expected<AssumeRoleWithSAMLResponse, aws::ApiError> Assume(const AssumeRoleWithSAMLRequest& request) {
    return gateway.Call<ops::AssumeRoleWithSAML, &ResolveAssumeRoleWithSAML, &AssumeRoleWithSAML>(service, request);
  }
  template <class Answer>
  static std::string Code(const Answer& answer) {
    return answer ? "" : std::string(answer.error().shape->name);
  }
  std::string Code() { return Code(Resolve(Request())); }

  federation::TestIdentityProvider provider;
  federation::SamlClaims claims;
};

TEST_F(SamlTest, TellsThePolicyWhoAsksAndWhatTheAssertionSays) {
  claims.attributes.push_back({"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", {"staff", "member"}});
  claims.attributes.push_back({"urn:oid:0.9.2342.19200300.100.1.3", {"sam@example.com"}});
  const auto resolved = Resolve(Request());
  ASSERT_TRUE(resolved) << resolved.error().message;
  EXPECT_TRUE(resolved->needs_policy);
  ASSERT_TRUE(resolved->caller.has_value());
  EXPECT_EQ(resolved->caller->type, policy::PrincipalType::kSaml);
  EXPECT_EQ(resolved->caller->entity_arn, kSamlProvider);
  const auto said = [&](std::string_view key) { return *resolved->context.Find(key); };
  EXPECT_THAT(said("saml:iss"), ElementsAre("https://idp.example.com/saml"));
  EXPECT_THAT(said("saml:aud"), ElementsAre("https://signin.aws.amazon.com/saml"));
  EXPECT_THAT(said("saml:sub"), ElementsAre("sam"));
  EXPECT_THAT(said("saml:sub_type"), ElementsAre("persistent"));
  EXPECT_THAT(said("saml:doc"), ElementsAre("111122223333/Office"));
  // printf 'https://idp.example.com/saml111122223333/Office' | openssl sha1 -binary | base64
  EXPECT_THAT(said("saml:namequalifier"), ElementsAre("nolH2CysmC4qbJRJEUchWZsEdDA="));
  EXPECT_THAT(said("saml:edupersonaffiliation"), ElementsAre("staff", "member"));
  EXPECT_THAT(said("saml:mail"), ElementsAre("sam@example.com"));
  EXPECT_THAT(said("sts:rolesessionname"), ElementsAre("sam"));
}

TEST_F(SamlTest, MakesASessionOfTheRoleOnce) {
  claims.attributes[0].second = {"arn:aws:iam::111122223333:role/other," + std::string(kSamlProvider),
                                 std::string(kSamlProvider) + " , " + kSamlRole};
  claims.attributes.push_back({Named("SessionDuration"), {"1800"}});
  const auto answer = Assume(Request());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/release/sam");
  EXPECT_EQ(answer->subject, "sam");
  EXPECT_EQ(answer->subject_type, "persistent");
  EXPECT_EQ(answer->issuer, "https://idp.example.com/saml");
  EXPECT_EQ(answer->audience, "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(answer->name_qualifier, "nolH2CysmC4qbJRJEUchWZsEdDA=");
  const policy::Session& session = *sessions.issued[0].principal.session;
  EXPECT_EQ(session.provider, kSamlProvider);
  EXPECT_EQ(session.expires_at - session.issued_at, std::chrono::seconds(1800));
  EXPECT_THAT(*session.claims.Find("saml:sub"), ElementsAre("sam"));

  EXPECT_EQ(Code(Assume(Request())), "InvalidIdentityTokenException") << "an assertion counts once";
  claims.id = "_assertion2";
  EXPECT_EQ(Code(Assume(Request())), "");
}

TEST_F(SamlTest, LastsNoLongerThanAnybodyAllows) {
  AssumeRoleWithSAMLRequest request = Request();
  request.duration_seconds = 7200;
  EXPECT_EQ(Code(Assume(request)), "ValidationError") << "the role allows an hour";
  request.duration_seconds = 900;
  ASSERT_EQ(Code(Assume(request)), "");
  const auto lasts = [&] {
    const policy::Session& session = *sessions.issued.back().principal.session;
    return session.expires_at - session.issued_at;
  };
  EXPECT_EQ(lasts(), std::chrono::seconds(900));
  claims.id = "_until";
  claims.more_statements = fmt::format(R"(<saml:AuthnStatement SessionNotOnOrAfter="{}"></saml:AuthnStatement>)",
                                       FormatIso8601(gateway.facts.now + std::chrono::minutes(10)));
  ASSERT_EQ(Code(Assume(Request())), "");
  EXPECT_EQ(lasts(), std::chrono::minutes(10)) << "the session at the provider";
}

TEST_F(SamlTest, TakesTagsAndSourceIdentityFromTheAssertion) {
  claims.attributes.push_back({Named("PrincipalTag:Team"), {"boot"}});
  claims.attributes.push_back({Named("TransitiveTagKeys"), {"Team"}});
  claims.attributes.push_back({Named("SourceIdentity"), {"sam.smith"}});
  const auto resolved = Resolve(Request());
  ASSERT_TRUE(resolved) << resolved.error().message;
  EXPECT_THAT(*resolved->context.Find("aws:requesttag/team"), ElementsAre("boot"));
  gateway.facts.caller.account = AccountId("111122223333");
  const auto answer = Assume(Request());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->source_identity, "sam.smith");
  EXPECT_THAT(gateway.required, ElementsAre(std::string("sts:TagSession ") + kSamlRole,
                                            std::string("sts:SetSourceIdentity ") + kSamlRole));
  EXPECT_EQ(sessions.issued[0].principal.session->tags, (policy::Tags{{"Team", "boot"}}));
}

TEST_F(SamlTest, RefusesAssertionsThatAreNotAsTheyMustBe) {
  const federation::SamlClaims good = claims;
  const auto code = [&](const std::function<void(federation::SamlClaims&)>& change) {
    claims = good;
    change(claims);
    return Code();
  };
  using Claims = federation::SamlClaims;
  EXPECT_EQ(code([](Claims&) {}), "");
  EXPECT_EQ(code([](Claims& c) { c.issuer = "https://else.example.com"; }), "InvalidIdentityTokenException");
  EXPECT_EQ(code([](Claims& c) { c.recipient = "https://else.example.com"; }), "InvalidIdentityTokenException");
  EXPECT_EQ(code([](Claims& c) { c.audience = "https://else.example.com"; }), "InvalidIdentityTokenException");
  EXPECT_EQ(code([](Claims& c) { c.issued_at = c.issued_at - std::chrono::minutes(10); }), "ExpiredTokenException");
  EXPECT_EQ(code([](Claims& c) { c.issued_at = c.issued_at + std::chrono::minutes(10); }),
            "InvalidIdentityTokenException");
  EXPECT_EQ(code([](Claims& c) { c.attributes.erase(c.attributes.begin()); }), "AccessDenied") << "no role";
  EXPECT_EQ(code([](Claims& c) { c.attributes[0].second = {kSamlRole}; }), "AccessDenied");
  EXPECT_EQ(code([](Claims& c) { c.attributes[0].second = {"arn:aws:iam::111122223333:role/else,x"}; }),
            "AccessDenied");
  EXPECT_EQ(code([](Claims& c) { c.attributes.pop_back(); }), "InvalidIdentityTokenException") << "no session name";
  for (const char* name : {"s", "sam smith", "a/b"}) {
    EXPECT_EQ(code([&](Claims& c) { c.attributes[1].second = {name}; }), "InvalidIdentityTokenException") << name;
  }
  EXPECT_EQ(code([](Claims& c) { c.attributes[1].second = {"sam", "eve"}; }), "InvalidIdentityTokenException");
  for (const char* seconds : {"899", "43201", "1800s", ""}) {
    EXPECT_EQ(code([&](Claims& c) { c.attributes.push_back({Named("SessionDuration"), {seconds}}); }),
              "InvalidIdentityTokenException")
        << seconds;
  }
  EXPECT_EQ(code([](Claims& c) { c.attributes.push_back({Named("PrincipalTag:Team"), {"a", "b"}}); }),
            "InvalidIdentityTokenException");
  EXPECT_EQ(code([](Claims& c) { c.attributes.push_back({Named("SourceIdentity"), {"sam smith"}}); }),
            "InvalidIdentityTokenException");
  claims = good;
  for (const std::string& text : {std::string("no base64!"), EncodeBase64("<a/>"), EncodeBase64("none"),
                                  EncodeBase64(federation::TestIdentityProvider::Response(
                                      federation::TestIdentityProvider::Assertion(claims)))}) {
    AssumeRoleWithSAMLRequest request = Request();
    request.saml_assertion = text;
    EXPECT_EQ(Code(Resolve(request)), "InvalidIdentityTokenException");
  }
  AssumeRoleWithSAMLRequest request = Request();
  request.principal_arn = "arn:aws:iam::111122223333:saml-provider/None";
  EXPECT_EQ(Code(Resolve(request)), "InvalidIdentityTokenException");
  // A provider of another account vouches for nobody here.
  identities.AddSamlProvider({.arn = "arn:aws:iam::444455556666:saml-provider/Office",
                              .metadata = federation::TestIdentityProvider::Metadata()});
  request.principal_arn = "arn:aws:iam::444455556666:saml-provider/Office";
  claims.attributes[0].second = {std::string(kSamlRole) + "," + request.principal_arn};
  request.saml_assertion = Encoded();
  EXPECT_EQ(Code(Resolve(request)), "InvalidIdentityTokenException");
  EXPECT_TRUE(sessions.issued.empty());
}

}  // namespace
}  // namespace firmsign::sts
