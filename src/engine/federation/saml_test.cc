// SPDX-License-Identifier: Apache-2.0

#include "engine/federation/saml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/federation/testing/saml_response.h"

namespace firmsign::federation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Instant kSamlNow = InstantFromSeconds(1'700'000'060);

class Saml : public ::testing::Test {
 protected:
  Expected<SamlAssertion> Read(const std::string& text) const { return ReadSamlResponse(text, metadata.keys); }
  // Why a response does not count; empty: it does.
  std::string Why(const std::string& text, Instant now = kSamlNow) {
    const auto read = Read(text);
    if (!read) return "unreadable: " + read.error().message;
    const auto problem = CheckSaml(*read, metadata, addressee, now, recipient);
    if (!problem) return "";
    return (problem->is_expired ? "expired: " : "wrong: ") + problem->message;
  }
  std::string With(const std::function<void(SamlClaims&)>& change, Instant now = kSamlNow) {
    SamlClaims claims;
    change(claims);
    return Why(provider.Answer(claims), now);
  }

  TestIdentityProvider provider;
  SamlMetadata metadata = ParseSamlMetadata(TestIdentityProvider::Metadata()).value();
  SamlAddressee addressee{.endpoint = "https://sign.example.com/saml"};
  std::string recipient;
};

TEST_F(Saml, TellsWhatASignedAssertionSays) {
  SamlClaims claims;
  claims.attributes = {{"Role", {"a", "b"}}, {"mail", {"\n  sam@example.com\n"}}, {"Role", {"c"}}};
  claims.more_statements = R"(<saml:AuthnStatement SessionNotOnOrAfter="2023-11-14T23:00:00Z"></saml:AuthnStatement>)";
  for (const std::string& text : {provider.Answer(claims), provider.SignedAnswer(claims)}) {
    const auto read = Read(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, "_assertion1");
    EXPECT_EQ(read->issuer, "https://idp.example.com/saml");
    EXPECT_EQ(read->subject, "sam");
    EXPECT_EQ(read->subject_format, "persistent");
    EXPECT_THAT(read->Values("Role"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(read->Values("mail"), ElementsAre("sam@example.com"));
    EXPECT_THAT(read->Values("none"), ElementsAre());
    EXPECT_EQ(read->session_not_on_or_after, ParseIso8601("2023-11-14T23:00:00Z"));
    EXPECT_EQ(Why(text), "");
    EXPECT_EQ(recipient, "https://signin.aws.amazon.com/saml");
  }
}

TEST_F(Saml, CountsForAFewMinutes) {
  const auto nothing = [](SamlClaims&) {};
  EXPECT_EQ(With(nothing, kSamlNow + std::chrono::minutes(4)), "");
  EXPECT_THAT(With(nothing, kSamlNow + std::chrono::minutes(5)), HasSubstr("expired: Token must be redeemed"));
  EXPECT_EQ(With(nothing, kSamlNow - std::chrono::minutes(2)), "") << "clocks differ";
  EXPECT_THAT(With(nothing, kSamlNow - std::chrono::minutes(3)), HasSubstr("wrong: The assertion is of the future"));
  const auto brief = [](SamlClaims& claims) { claims.valid_for = std::chrono::seconds(30); };
  EXPECT_EQ(With(brief), "");
  EXPECT_THAT(With(brief, kSamlNow + std::chrono::minutes(1)), HasSubstr("expired"));
}

TEST_F(Saml, IsForUsFromTheProvider) {
  EXPECT_EQ(With([](SamlClaims& claims) { claims.recipient = claims.audience = "https://sign.example.com/saml"; }), "");
  EXPECT_EQ(recipient, "https://sign.example.com/saml");
  EXPECT_THAT(With([](SamlClaims& claims) { claims.recipient = "https://else.example.com/saml"; }),
              HasSubstr("wrong: The recipient"));
  EXPECT_THAT(With([](SamlClaims& claims) { claims.audience = "https://else.example.com/saml"; }),
              HasSubstr("wrong: The audience"));
  EXPECT_THAT(With([](SamlClaims& claims) { claims.issuer = "https://else.example.com/saml"; }),
              HasSubstr("wrong: Issuer not present"));
  // A second restriction must hold, too.
  EXPECT_THAT(With([](SamlClaims& claims) {
                claims.more_conditions =
                    "<saml:AudienceRestriction><saml:Audience>else</saml:Audience></saml:AudienceRestriction>";
              }),
              HasSubstr("wrong: The audience"));
  metadata.valid_until = kSamlNow;
  EXPECT_THAT(With([](SamlClaims&) {}), HasSubstr("metadata of the provider has expired"));
}

TEST_F(Saml, TakesWhatASignedResponseSaysOfItselfForTrue) {
  const auto with = [&](std::string_view destination, std::string_view issuer) {
    std::string response = TestIdentityProvider::Response(TestIdentityProvider::Assertion({}));
    response.replace(response.find(" ID="), 0, fmt::format(R"( Destination="{}")", destination));
    response.replace(
        response.find("<samlp:Status>"), 0,
        fmt::format(R"(<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{}</saml:Issuer>)", issuer));
    return Why(xmldsig::SignXml(provider.key(), response, "_response1"));
  };
  EXPECT_EQ(with("https://signin.aws.amazon.com/saml", "https://idp.example.com/saml"), "");
  EXPECT_EQ(with("https://sign.example.com/saml", "https://idp.example.com/saml"), "");
  EXPECT_THAT(with("https://else.example.com/saml", "https://idp.example.com/saml"),
              HasSubstr("wrong: The destination of the response"));
  EXPECT_THAT(with("https://sign.example.com/saml", "https://else.example.com/saml"),
              HasSubstr("unreadable: its issuer is not the response's"));
}

TEST_F(Saml, RefusesWhatItDoesNotUnderstandOrWhatIsMissing) {
  EXPECT_EQ(With([](SamlClaims& claims) { claims.more_conditions = "<saml:OneTimeUse></saml:OneTimeUse>"; }), "");
  EXPECT_THAT(With([](SamlClaims& claims) { claims.more_conditions = "<saml:Condition></saml:Condition>"; }),
              HasSubstr("not understood"));
  EXPECT_THAT(With([](SamlClaims& claims) { claims.subject = ""; }), HasSubstr("NameID is empty"));
  SamlClaims claims;
  const std::string good = TestIdentityProvider::Assertion(claims);
  for (
      const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
          {R"(Version="2.0")", R"(Version="1.1")"},
          {R"(IssueInstant="2023-11-14T22:13:20Z")", R"(IssueInstant="now")"},
          {"<saml:Issuer>", "<saml:Issuer>x</saml:Issuer><saml:Issuer>"},
          {"cm:bearer", "cm:holder-of-key"},
          {R"( Recipient="https://signin.aws.amazon.com/saml")", ""},
          {"<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>",
           ""},
          {"<saml:AttributeStatement></saml:AttributeStatement>",
           "<saml:AttributeStatement><saml:EncryptedAttribute></saml:EncryptedAttribute></saml:AttributeStatement>"}}) {
    std::string changed = good;
    ASSERT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    const std::string why = Why(TestIdentityProvider::Response(xmldsig::SignXml(provider.key(), changed, claims.id)));
    EXPECT_THAT(why, HasSubstr("unreadable")) << from;
  }
  EXPECT_THAT(Why(provider.SignedAnswer(claims, "Requester")), HasSubstr("not Success"));
  const std::string two = TestIdentityProvider::Response(good + TestIdentityProvider::Assertion({.id = "_two"}));
  EXPECT_THAT(Why(xmldsig::SignXml(provider.key(), two, "_response1")), HasSubstr("has not one Assertion"));
  const std::string encrypted = TestIdentityProvider::Response(
      R"(<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"></saml:EncryptedAssertion>)");
  EXPECT_THAT(Why(xmldsig::SignXml(provider.key(), encrypted, "_response1")), HasSubstr("encrypted"));
  EXPECT_THAT(Why(encrypted), HasSubstr("encrypted assertions are not taken"));
  EXPECT_THAT(Why(TestIdentityProvider::Response(good)), HasSubstr("not signed"));
}

TEST(SamlMetadata, HasAnIssuerAndItsKeys) {
  const auto parsed = ParseSamlMetadata(TestIdentityProvider::Metadata(R"(validUntil="2030-01-01T00:00:00Z")"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->entity_id, "https://idp.example.com/saml");
  ASSERT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->keys[0].kind().bits, 2048);
  EXPECT_EQ(parsed->valid_until, ParseIso8601("2030-01-01T00:00:00Z"));

  const std::string good = TestIdentityProvider::Metadata();
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"entityID=", "entity="},
                                                        {"IDPSSODescriptor", "SPSSODescriptor"},
                                                        {R"(use="signing")", R"(use="encryption")"},
                                                        {"<ds:X509Certificate>", "<ds:X509Certificate>AAAA"},
                                                        {"EntityDescriptor", "EntitiesDescriptor"},
                                                        {"<md:EntityDescriptor", "<!DOCTYPE a><md:EntityDescriptor"},
                                                        {"entityID=", R"(validUntil="soon" entityID=)"}}) {
    std::string changed = good;
    for (std::size_t at = changed.find(from); at != std::string::npos; at = changed.find(from, at + to.size())) {
      changed.replace(at, from.size(), to);
    }
    EXPECT_FALSE(ParseSamlMetadata(changed)) << to;
  }
}

}  // namespace
}  // namespace firmsign::federation
