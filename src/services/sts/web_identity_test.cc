// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/ecdsa.h"
#include "platform/crypto/key.h"
#include "services/sts/session.h"
#include "services/sts/testing/sts_fixture.h"

namespace firmsign::sts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kWebRole = "arn:aws:iam::111122223333:role/release";
constexpr const char* kIssuer = "https://token.example.com";
constexpr const char* kProvider = "arn:aws:iam::111122223333:oidc-provider/token.example.com";
constexpr const char* kDiscovery = "https://token.example.com/.well-known/openid-configuration";
constexpr const char* kKeysPlace = "https://token.example.com/keys";

class WebIdentityTest : public StsTest {
 protected:
  WebIdentityTest() {
    gateway.facts.caller = {};
    identities.AddRole(
        {.account = AccountId("111122223333"),
         .id = "AROARELEASE",
         .name = "release",
         .arn = kWebRole,
         .trust = nullptr},
        fmt::format(R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{}"}},
            "Action":"sts:AssumeRoleWithWebIdentity",
            "Condition":{{"StringEquals":{{"token.example.com:sub":"repo:boot"}}}}}}}})",
                    kProvider));
    identities.AddOpenIdProvider(AccountId("111122223333"),
                                 {.arn = kProvider, .url = kIssuer, .client_ids = {"firmware"}, .thumbprints = {}});
    web[kDiscovery] = fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", kIssuer, kKeysPlace);
    PublishKey("one");
  }

  // The provider's only key from now on.
  void PublishKey(const std::string& id) {
    key_id = id;
    key = crypto::PrivateKey::GenerateEc("prime256v1").value();
    const std::string spki = key->Public()->Spki();
    const std::string point = spki.substr(spki.size() - 64);
    web[kKeysPlace] = fmt::format(R"({{"keys":[{{"kty":"EC","crv":"P-256","kid":"{}","x":"{}","y":"{}"}}]}})", id,
                                  EncodeBase64Url(point.substr(0, 32)), EncodeBase64Url(point.substr(32)));
  }

  std::string Token(std::string_view claims) const {
    const std::string text =
        EncodeBase64Url(fmt::format(R"({{"alg":"ES256","kid":"{}"}})", key_id)) + "." + EncodeBase64Url(claims);
    const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, text);
    const std::string der = key->SignDigest(crypto::Hash::kSha256, digest).value();
    return text + "." + EncodeBase64Url(crypto::EcdsaDerToRaw(der, 32).value());
  }
  std::string GoodToken() const {
    return Token(R"({"iss":"https://token.example.com","sub":"repo:boot","aud":["firmware"],"exp":1700000300,
                     "ref":"refs/tags/v1"})");
  }

  // One that is still valid a day later.
  std::string TokenOfTomorrow() const {
    return Token(R"({"iss":"https://token.example.com","sub":"repo:boot","aud":"firmware","exp":1700100000})");
  }

  std::expected<gateway::Resolution, aws::ApiError> Resolve(const std::string& token) {
    gateway.facts.operation = &ops::AssumeRoleWithWebIdentity::kDescriptor;
    auto resolved = ResolveAssumeRoleWithWebIdentity(
        service, gateway.facts, {.role_arn = kWebRole, .role_session_name = "ci", .web_identity_token = token});
    if (!resolved) return std::unexpected(std::move(resolved).error().error());
    return *std::move(resolved);
  }
  std::expected<AssumeRoleWithWebIdentityResponse, aws::ApiError> Assume(const std::string& token) {
    return gateway.Call<ops::AssumeRoleWithWebIdentity, &ResolveAssumeRoleWithWebIdentity, &AssumeRoleWithWebIdentity>(
        service, {.role_arn = kWebRole, .role_session_name = "ci", .web_identity_token = token});
  }
  std::string Code(const std::string& token) {
    const auto resolved = Resolve(token);
    return resolved ? "" : std::string(resolved.error().shape->name);
  }

  std::string key_id;
  std::optional<crypto::PrivateKey> key;
};

TEST_F(WebIdentityTest, TellsThePolicyWhoAsksAndWhatTheTokenSays) {
  const auto resolved = Resolve(GoodToken());
  ASSERT_TRUE(resolved) << resolved.error().message;
  EXPECT_TRUE(resolved->needs_policy);
  ASSERT_TRUE(resolved->caller.has_value());
  EXPECT_EQ(resolved->caller->type, policy::PrincipalType::kWebIdentity);
  EXPECT_EQ(resolved->caller->entity_arn, kProvider);
  EXPECT_THAT(*resolved->context.Find("token.example.com:sub"), ElementsAre("repo:boot"));
  EXPECT_THAT(*resolved->context.Find("token.example.com:aud"), ElementsAre("firmware"));
  EXPECT_THAT(*resolved->context.Find("token.example.com:ref"), ElementsAre("refs/tags/v1"));
  EXPECT_THAT(*resolved->context.Find("aws:federatedprovider"), ElementsAre(kProvider));
  EXPECT_THAT(*resolved->context.Find("sts:rolesessionname"), ElementsAre("ci"));
  const auto decide = [&](const policy::Context& context) {
    return policy::Evaluate({.principal = *resolved->caller,
                             .action = "sts:AssumeRoleWithWebIdentity",
                             .resource = kWebRole,
                             .owner = resolved->owner,
                             .context = context,
                             .resource_policy = resolved->policy.get(),
                             .needs_resource_policy = true})
        .allowed;
  };
  EXPECT_TRUE(decide(resolved->context));
  policy::Context other = resolved->context;
  other.Set("token.example.com:sub", "repo:else");
  EXPECT_FALSE(decide(other));
}

TEST_F(WebIdentityTest, MakesASessionOfTheRole) {
  const auto answer = Assume(GoodToken());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111122223333:assumed-role/release/ci");
  EXPECT_EQ(answer->subject_from_web_identity_token, "repo:boot");
  EXPECT_EQ(answer->audience, "firmware");
  EXPECT_EQ(answer->provider, kProvider);
  const policy::Session& session = *sessions.issued[0].principal.session;
  EXPECT_EQ(session.provider, kProvider);
  EXPECT_NE(session.claims.Find("token.example.com:sub"), nullptr);
  EXPECT_EQ(session.claims.Find("token.example.com:ref"), nullptr) << "only three claims stay";
}

TEST_F(WebIdentityTest, TakesTagsAndSourceIdentityFromTheToken) {
  for (
      const char* claims :
      {R"("https://aws.amazon.com/tags":{"principal_tags":{"Team":["boot"],"Line":"a"},"transitive_tag_keys":["Team"]})",
       R"("https://aws.amazon.com/tags/principal_tags":{"Team":["boot"],"Line":"a"},
           "https://aws.amazon.com/tags/transitive_tag_keys":["Team"])"}) {
    const std::string token = Token(fmt::format(
        R"({{"iss":"https://token.example.com","sub":"repo:boot","aud":"firmware","exp":1700000300,
             "https://aws.amazon.com/source_identity":"sam",{}}})",
        claims));
    const auto resolved = Resolve(token);
    ASSERT_TRUE(resolved) << resolved.error().message;
    EXPECT_THAT(*resolved->context.Find("aws:requesttag/team"), ElementsAre("boot"));
    EXPECT_THAT(*resolved->context.Find("aws:tagkeys"), ElementsAre("Team", "Line"));
    EXPECT_THAT(*resolved->context.Find("sts:transitivetagkeys"), ElementsAre("Team"));
    EXPECT_THAT(*resolved->context.Find("sts:sourceidentity"), ElementsAre("sam"));
    gateway.required.clear();
    const auto answer = Assume(token);
    // The fake gateway lets nobody do more in another account; nobody calls here yet.
    ASSERT_FALSE(answer);
    EXPECT_THAT(gateway.required, ElementsAre(std::string("sts:TagSession ") + kWebRole));
    gateway.facts.caller.account = AccountId("111122223333");
    const auto allowed = Assume(token);
    ASSERT_TRUE(allowed) << allowed.error().message;
    EXPECT_EQ(allowed->source_identity, "sam");
    EXPECT_THAT(gateway.required, testing::Contains(std::string("sts:SetSourceIdentity ") + kWebRole));
    const policy::Session& session = *sessions.issued.back().principal.session;
    EXPECT_EQ(session.tags, (policy::Tags{{"Team", "boot"}, {"Line", "a"}}));
    EXPECT_THAT(session.transitive_tag_keys, ElementsAre("Team"));
    EXPECT_EQ(session.source_identity, "sam");
    gateway.facts.caller = {};
  }
}

TEST_F(WebIdentityTest, RefusesClaimsOfTheSessionThatAssumeRoleWouldNotTake) {
  for (const char* claims :
       {R"("https://aws.amazon.com/tags":{"principal_tags":{"Team":["boot","app"]}})",
        R"("https://aws.amazon.com/tags":{"principal_tags":["Team"]})",
        R"("https://aws.amazon.com/tags":{"principal_tags":{"Te<am":"x"}})",
        R"("https://aws.amazon.com/tags":{"principal_tags":{"Team":"a","team":"b"}})",
        R"("https://aws.amazon.com/tags":{"transitive_tag_keys":{"Team":1}})",
        R"("https://aws.amazon.com/source_identity":"s")", R"("https://aws.amazon.com/source_identity":"sam smith")"}) {
    EXPECT_EQ(Code(Token(fmt::format(
                  R"({{"iss":"https://token.example.com","sub":"repo:boot","aud":"firmware","exp":1700000300,{}}})",
                  claims))),
              "InvalidIdentityTokenException")
        << claims;
  }
}

TEST_F(WebIdentityTest, RefusesTokensThatAreNotAsTheyMustBe) {
  EXPECT_EQ(Code("x.y.z"), "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://else.example.com","sub":"s","aud":"firmware","exp":1700000300})")),
            "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"s","aud":"other","exp":1700000300})")),
            "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"s","exp":1700000300})")),
            "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","aud":"firmware","exp":1700000300})")),
            "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"s","aud":"firmware"})")),
            "InvalidIdentityTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"s","aud":"firmware","exp":1699999000})")),
            "ExpiredTokenException");
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"s","aud":"firmware","exp":1700000300,
                           "nbf":1700000200})")),
            "InvalidIdentityTokenException");
  EXPECT_TRUE(sessions.issued.empty());
}

TEST_F(WebIdentityTest, SaysNothingOfATokenThatTheProviderDidNotSign) {
  const std::string expired =
      Token(R"({"iss":"https://token.example.com","sub":"s","aud":"firmware","exp":1699999000})");
  const std::string good = GoodToken();
  PublishKey("one");
  EXPECT_EQ(Code(expired), "InvalidIdentityTokenException");
  EXPECT_EQ(Code(good), "InvalidIdentityTokenException");
}

TEST_F(WebIdentityTest, AsksTheProviderOnceAnHourAndForKeysThatAreNew) {
  EXPECT_EQ(Code(GoodToken()), "");
  EXPECT_EQ(fetches, 2) << "configuration and keys";
  EXPECT_EQ(Code(GoodToken()), "");
  EXPECT_EQ(fetches, 2);
  gateway.facts.now = gateway.facts.now + std::chrono::minutes(1);
  PublishKey("two");
  EXPECT_EQ(Code(GoodToken()), "");
  EXPECT_EQ(fetches, 4);
  // A name that nobody knows is no reason to ask all the time.
  key_id = "three";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Code(GoodToken()), "InvalidIdentityTokenException");
  EXPECT_EQ(fetches, 4);
}

TEST_F(WebIdentityTest, GoesOnWithTheKeysItHasWhileTheProviderIsAway) {
  EXPECT_EQ(Code(GoodToken()), "");
  web.clear();
  gateway.facts.now = gateway.facts.now + std::chrono::hours(2);
  const std::string later = TokenOfTomorrow();
  EXPECT_EQ(Code(later), "");
  gateway.facts.now = gateway.facts.now + std::chrono::hours(23);
  EXPECT_EQ(Code(later), "IDPCommunicationErrorException");
}

TEST_F(WebIdentityTest, TellsWhenTheProviderAnswersAmiss) {
  const std::string keys = web[kKeysPlace];
  web["http://token.example.com/keys"] = keys;
  for (const char* answer : {R"({"issuer":"https://token.example.com","jwks_uri":"http://token.example.com/keys"})",
                             R"({"issuer":"https://else.example.com","jwks_uri":"https://token.example.com/keys"})",
                             R"({"jwks_uri":"https://token.example.com/keys"})", "<html>"}) {
    web[kDiscovery] = answer;
    EXPECT_EQ(Code(GoodToken()), "IDPCommunicationErrorException") << answer;
    gateway.facts.now = gateway.facts.now + std::chrono::minutes(1);
  }
  // A slash at the end is a matter of taste.
  web[kDiscovery] = R"({"issuer":"https://token.example.com/","jwks_uri":"https://token.example.com/keys"})";
  EXPECT_EQ(Code(Token(R"({"iss":"https://token.example.com","sub":"repo:boot","aud":"firmware","exp":1700009000})")),
            "");
}

// Tokens come from anybody: none may make the service ask, or wait, over and over.
TEST_F(WebIdentityTest, AsksAProviderThatIsAwayOnceInAWhile) {
  web.clear();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Code(GoodToken()), "IDPCommunicationErrorException");
  EXPECT_EQ(fetches, 1);
  gateway.facts.now = gateway.facts.now + std::chrono::seconds(30);
  EXPECT_EQ(Code(GoodToken()), "IDPCommunicationErrorException");
  EXPECT_EQ(fetches, 2);
}

TEST_F(WebIdentityTest, GoesByNoKeysOfYesterdayHoweverOftenItIsAsked) {
  EXPECT_EQ(Code(GoodToken()), "");
  web.clear();
  gateway.facts.now = gateway.facts.now + std::chrono::hours(25);
  const std::string later = TokenOfTomorrow();
  EXPECT_EQ(Code(later), "IDPCommunicationErrorException");
  EXPECT_EQ(Code(later), "IDPCommunicationErrorException") << "asked a moment ago";
}

TEST(OpenIdKeys, HoldUpNobodyForLongBehindAProviderThatIsSlow) {
  std::latch asked(1);
  std::latch goes_on(1);
  std::atomic<int> fetches = 0;
  OpenIdKeys keys([&](const std::string& url) -> Expected<std::string> {
    if (!url.starts_with("https://slow.")) return Fail(Code::kUnavailable, "not there");
    if (++fetches == 1) asked.count_down();
    goes_on.wait();
    return Fail(Code::kUnavailable, "no answer");
  });
  const federation::Jwt token;
  const Instant now{1};
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { EXPECT_FALSE(keys.For("https://slow.example.com", token, now)); });
  asked.wait();
  // While the first waits for the answer, twenty more come: each ends, most at once. Other providers are asked as ever.
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> others;
    for (int i = 0; i < 20; ++i) {
      others.emplace_back([&] { refused += !keys.For("https://slow.example.com", token, now) ? 1 : 0; });
    }
    while (refused < 12) std::this_thread::yield();  // the others wait for two seconds
    EXPECT_THAT(keys.For("https://other.example.com", token, now).error().message, Not(HasSubstr("too many")));
  }
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(fetches, 1);
  goes_on.count_down();
}

TEST(FetchByHttps, GoesToNoAddressThatCouldBeReadInTwoWays) {
  const Fetch fetch = FetchByHttps("");
  for (const char* url : {"http://token.example.com/", "https:///keys", "https://one@two.invalid/",
                          "https://one#two.invalid/", "https://one\\two.invalid/", "https://one?two.invalid/"}) {
    const auto fetched = fetch(url);
    ASSERT_FALSE(fetched) << url;
    EXPECT_THAT(fetched.error().message, HasSubstr("not an https address")) << url;
  }
}

}  // namespace
}  // namespace firmsign::sts
