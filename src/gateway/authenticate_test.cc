// SPDX-License-Identifier: Apache-2.0

#include "gateway/authenticate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/known.h"
#include "gateway/testing/services.h"
#include "platform/crypto/digest.h"
#include "ports/testing/credentials.h"

namespace firmsign::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr unsigned kOperator = 1234;

class Authenticate : public testing::Test {
 protected:
  Authenticate() {
    credentials.Add(
        kKey,
        {.principal = policy::RootOf(AccountId("111122223333"), kKey), .secret = SecretBytes("secret"), .expires = {}});
    credentials.Add(AccessKeyId("ASIATEMPORARY"),
                    {.principal = policy::RootOf(AccountId("111122223333")),
                     .secret = SecretBytes("other"),
                     .expires = kNow + std::chrono::hours(1)},
                    "token");
  }

  struct Request {
    std::string secret = "secret";
    std::string region = "us-east-1";
    std::string service = "signer";
    AccessKeyId key = kKey;
    std::string token;
    Instant signed_at = kNow;
  };
  // A signed GET, as it arrives.
  http::RequestHead Sign(const Request& request) const {
    http::RequestHead head;
    head.method = "GET";
    head.target = "/signing-jobs";
    head.headers.Add("Host", "localhost");
    sigv4::SignRequest(head, {.access_key = request.key, .secret = SecretBytes(request.secret), .token = request.token},
                       request.region, request.service,
                       request.service == "s3" ? sigv4::PathRule::kS3 : sigv4::PathRule::kNormalizeAndEncodeTwice,
                       crypto::Sha256Hex(""), request.signed_at);
    return head;
  }
  std::expected<Identity, AuthenticateProblem> Check(const http::RequestHead& head,
                                                     const aws::ServiceDescriptor& service = signer::kService,
                                                     Instant now = kNow) const {
    const auto claim = sigv4::ReadClaim(head);
    if (!claim) return std::unexpected(Authenticator::ProblemOf(claim.error()));
    return authenticator.Authenticate(head, *claim, service, crypto::Sha256Hex(""), now);
  }
  static aws::CommonError ErrorOf(const std::expected<Identity, AuthenticateProblem>& identity) {
    EXPECT_FALSE(identity);
    return identity ? aws::CommonError::kInternal : identity.error().error;
  }

  ports::FakeCredentials credentials;
  Authenticator authenticator{credentials,
                              {.regions = {"us-east-1", "eu-west-1"},
                               .operator_account = AccountId("999999999999"),
                               .operator_uid = kOperator}};
};

TEST_F(Authenticate, SaysWhoSigned) {
  const auto identity = Check(Sign({.region = "eu-west-1"}));
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->principal.account, AccountId("111122223333"));
  EXPECT_EQ(identity->principal.arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(identity->region, Region("eu-west-1"));
  EXPECT_FALSE(identity->signing_key.empty());
}

TEST_F(Authenticate, RefusesAnotherSecret) {
  EXPECT_EQ(ErrorOf(Check(Sign({.secret = "guess"}))), aws::CommonError::kSignatureMismatch);
}

TEST_F(Authenticate, RefusesARequestThatWasChangedAfterItWasSigned) {
  http::RequestHead head = Sign({});
  head.target = "/signing-profiles";
  EXPECT_EQ(ErrorOf(Check(head)), aws::CommonError::kSignatureMismatch);
}

TEST_F(Authenticate, RefusesAnUnknownAccessKey) {
  EXPECT_EQ(ErrorOf(Check(Sign({.key = AccessKeyId("AKIAUNKNOWN")}))), aws::CommonError::kUnknownAccessKey);
}

TEST_F(Authenticate, LetsNobodyInWhoSignsWithAnUnknownKeyWhateverTheSecret) {
  for (const std::string& secret : {std::string(40, '-'), std::string(), std::string("secret")}) {
    const AccessKeyId unknown("AKIAUNKNOWN");
    EXPECT_EQ(ErrorOf(Check(Sign({.secret = secret, .key = unknown}))), aws::CommonError::kUnknownAccessKey);
    EXPECT_EQ(ErrorOf(Check(Sign({.secret = secret, .key = unknown, .signed_at = kNow - std::chrono::hours(1)}))),
              aws::CommonError::kUnknownAccessKey)
        << "before what is wrong with the signature";
  }
}

TEST_F(Authenticate, RefusesTheScopeOfAnotherService) {
  const auto identity = Check(Sign({.service = "s3"}));
  EXPECT_EQ(ErrorOf(identity), aws::CommonError::kWrongScope);
  EXPECT_THAT(identity.error().message, HasSubstr("'signer'"));
}

TEST_F(Authenticate, RefusesARegionThatIsNotServed) {
  for (const char* region : {"ap-south-1", "mars", "US-EAST-1", ""}) {
    http::RequestHead head = Sign({.region = region});
    const auto identity = Check(head);
    ASSERT_FALSE(identity) << region;
  }
  EXPECT_EQ(ErrorOf(Check(Sign({.region = "ap-south-1"}))), aws::CommonError::kWrongScope);
}

TEST_F(Authenticate, RefusesAClockThatIsOffByMoreThanAQuarterOfAnHour) {
  EXPECT_TRUE(Check(Sign({.signed_at = kNow - std::chrono::minutes(14)})));
  EXPECT_TRUE(Check(Sign({.signed_at = kNow + std::chrono::minutes(14)})));
  EXPECT_EQ(ErrorOf(Check(Sign({.signed_at = kNow - std::chrono::minutes(16)}))), aws::CommonError::kClockSkew);
  EXPECT_EQ(ErrorOf(Check(Sign({.signed_at = kNow + std::chrono::minutes(16)}))), aws::CommonError::kClockSkew);
}

TEST_F(Authenticate, TakesTemporaryCredentialsOnlyWithTheirToken) {
  const Request request{.secret = "other", .key = AccessKeyId("ASIATEMPORARY")};
  Request with = request;
  with.token = "token";
  EXPECT_TRUE(Check(Sign(with)));
  EXPECT_EQ(ErrorOf(Check(Sign(request))), aws::CommonError::kTokenInvalid);
  with.token = "tokem";
  EXPECT_EQ(ErrorOf(Check(Sign(with))), aws::CommonError::kTokenInvalid);
  EXPECT_EQ(ErrorOf(Check(Sign({.token = "unasked"}))), aws::CommonError::kTokenInvalid);
}

TEST_F(Authenticate, RefusesTemporaryCredentialsAfterTheirTime) {
  const Instant later = kNow + std::chrono::hours(1);
  const Request request{.secret = "other", .key = AccessKeyId("ASIATEMPORARY"), .token = "token", .signed_at = later};
  EXPECT_EQ(ErrorOf(Check(Sign(request), signer::kService, later)), aws::CommonError::kTokenExpired);
}

TEST_F(Authenticate, HidesWhyCredentialsCouldNotBeRead) {
  for (const auto& [code, expected] : {std::pair(Code::kCorrupt, aws::CommonError::kInternal),
                                       std::pair(Code::kUnavailable, aws::CommonError::kServiceUnavailable)}) {
    credentials.find_error = Error{code, "the cause"};
    const auto checked = Check(Sign({}));
    EXPECT_EQ(ErrorOf(checked), expected);
    EXPECT_THAT(checked.error().message, Not(HasSubstr("the cause")));
  }
}

TEST_F(Authenticate, ShowsWhatItSignedOnlyToClientsOfS3) {
  const auto s3 = Check(Sign({.secret = "guess", .service = "s3"}), s3::kService);
  ASSERT_EQ(ErrorOf(s3), aws::CommonError::kSignatureMismatch);
  std::string names;
  for (const auto& [name, value] : s3.error().extras) names += name + " ";
  EXPECT_EQ(names,
            "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes ");
  EXPECT_TRUE(Check(Sign({.secret = "guess"})).error().extras.empty());
}

TEST_F(Authenticate, TellsNoSignatureFromABrokenOne) {
  http::RequestHead head;
  head.method = "GET";
  head.target = "/";
  EXPECT_EQ(ErrorOf(Check(head)), aws::CommonError::kMissingAuthentication);
  head.headers.Set("Authorization", "AWS4-HMAC-SHA256 Credential=nonsense");
  EXPECT_EQ(ErrorOf(Check(head)), aws::CommonError::kIncompleteSignature);
  head.headers.Remove("Authorization");
  head.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=never";
  EXPECT_EQ(ErrorOf(Check(head)), aws::CommonError::kIncompleteQuery);
}

TEST_F(Authenticate, KnowsTheOperatorByTheUserOfThePeer) {
  http::RequestHead head;
  head.peer.uid = kOperator;
  const auto identity = authenticator.AuthenticateOperator(head);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->principal.type, policy::PrincipalType::kOperator);
  EXPECT_EQ(identity->principal.account, AccountId("999999999999"));
  EXPECT_EQ(identity->region, Region("us-east-1"));

  head.headers.Add("X-Firmsign-Account", "111122223333");
  head.headers.Add("X-Firmsign-Region", "eu-west-1");
  const auto named = authenticator.AuthenticateOperator(head);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->principal.account, AccountId("111122223333"));
  EXPECT_EQ(named->region, Region("eu-west-1"));
}

TEST_F(Authenticate, RefusesOtherUsersOnTheOperatorsSocket) {
  http::RequestHead head;
  head.peer.uid = kOperator + 1;
  EXPECT_EQ(ErrorOf(authenticator.AuthenticateOperator(head)), aws::CommonError::kMissingAuthentication);
}

TEST_F(Authenticate, RefusesAnOperatorsNonsense) {
  for (const auto& [name, value] : {std::pair("X-Firmsign-Account", "12"), std::pair("X-Firmsign-Region", "mars")}) {
    http::RequestHead head;
    head.peer.uid = kOperator;
    head.headers.Add(name, value);
    EXPECT_EQ(ErrorOf(authenticator.AuthenticateOperator(head)), aws::CommonError::kIncompleteSignature);
  }
}

}  // namespace
}  // namespace firmsign::gateway
