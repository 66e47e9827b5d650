// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/sigv4/payload_hash.h"
#include "aws/sigv4/signing_key_cache.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"

namespace firmsign::sigv4 {
namespace {

using ::testing::HasSubstr;

const Instant kNow = *ParseBasicIso8601("20150830T123600Z");
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Credentials Example(std::string token = {}) {
  return {AccessKeyId("AKIDEXAMPLE"), SecretBytes("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), std::move(token)};
}

http::RequestHead Head(std::string method, std::string target) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  head.headers.Add("Host", "signer.example.net");
  return head;
}

http::RequestHead SignedHead(std::string target = "/signing-jobs?b=2&a=1", std::string token = {}) {
  auto head = Head("GET", std::move(target));
  SignRequest(head, Example(std::move(token)), "us-east-1", "signer", PathRule::kNormalizeAndEncodeTwice, kEmptyHash,
              kNow);
  return head;
}

Verification VerifyAt(const http::RequestHead& head, Instant now, PathRule rule = PathRule::kNormalizeAndEncodeTwice) {
  const auto claim = ReadClaim(head);
  EXPECT_TRUE(claim);
  if (!claim) return {};
  return Verify(head, *claim, rule, kEmptyHash, SigningKey(Example().secret, claim->scope), now);
}

ClaimError ErrorOf(const http::RequestHead& head) {
  auto claim = ReadClaim(head);
  EXPECT_FALSE(claim);
  return claim ? ClaimError{} : claim.error();
}

http::RequestHead WithAuthorization(std::string value) {
  auto head = Head("GET", "/");
  head.headers.Add("X-Amz-Date", "20150830T123600Z");
  head.headers.Add("Authorization", std::move(value));
  return head;
}

const std::string kCredential = "AKIDEXAMPLE/20150830/us-east-1/signer/aws4_request";

TEST(ReadClaim, SaysWhenThereAreNoCredentials) {
  EXPECT_EQ(ErrorOf(Head("GET", "/?x=1")).problem, ClaimProblem::kNone);
  EXPECT_EQ(ErrorOf(Head("GET", "/?X-Amz-Expires=1")).problem, ClaimProblem::kNone);
}

TEST(ReadClaim, ReadsTheHeaderFormWithAndWithoutBlanks) {
  for (const std::string blank : {"", " ", "  "}) {
    const auto claim = ReadClaim(WithAuthorization("AWS4-HMAC-SHA256 Credential=" + kCredential + "," + blank +
                                                   "SignedHeaders=host;x-amz-date," + blank + "Signature=abc"));
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->access_key, AccessKeyId("AKIDEXAMPLE"));
    EXPECT_EQ(claim->scope.str(), "20150830/us-east-1/signer/aws4_request");
    EXPECT_THAT(claim->signed_headers, ::testing::ElementsAre("host", "x-amz-date"));
    EXPECT_EQ(claim->signature, "abc");
    EXPECT_EQ(claim->date, kNow);
    EXPECT_FALSE(claim->presigned);
  }
}

TEST(ReadClaim, RefusesBrokenAuthorizationHeaders) {
  const std::string good = "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host, Signature=abc";
  ASSERT_TRUE(ReadClaim(WithAuthorization(good)));
  for (const std::string& bad : {
           std::string(),
           std::string("AWS AKID:c2ln"),
           std::string("Basic dXNlcjpwYXNz"),
           std::string("AWS4-HMAC-SHA256"),
           "AWS4-HMAC-SHA256-" + good,
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host",
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host, Signature=",
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", Signature=abc",
           std::string("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=A/2015083/r/s/aws4_request, SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=A/2015083x/r/s/aws4_request, SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/other, SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=A/20150830//s/aws4_request, SignedHeaders=host, Signature=abc"),
           std::string("AWS4-HMAC-SHA256 Credential=A/B/20150830/r/s/aws4_request, SignedHeaders=host, Signature=abc"),
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=Host, Signature=abc",
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host;;date, Signature=abc",
           "AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host;host, Signature=abc",
           good + ", Signature=abd",
           good + ", Other=1",
       }) {
    EXPECT_EQ(ErrorOf(WithAuthorization(bad)).problem, ClaimProblem::kMalformedHeader) << bad;
  }
}

TEST(ReadClaim, NamesEveryMissingParameter) {
  const auto error = ErrorOf(WithAuthorization("AWS4-HMAC-SHA256 Credential=" + kCredential));
  EXPECT_EQ(error.message,
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' "
            "parameter.");
}

TEST(ReadClaim, RefusesTwoMechanismsAtOnce) {
  auto twice = SignedHead();
  twice.headers.Add("authorization", std::string(twice.headers.Get("authorization")));
  EXPECT_EQ(ErrorOf(twice).problem, ClaimProblem::kMalformedHeader);
  EXPECT_EQ(ErrorOf(SignedHead("/?X-Amz-Signature=1")).problem, ClaimProblem::kMalformedHeader);
}

TEST(ReadClaim, TakesTheDateHeaderWhenThereIsNoXAmzDate) {
  auto head = WithAuthorization("AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=host, Signature=abc");
  head.headers.Remove("x-amz-date");
  EXPECT_EQ(ErrorOf(head).problem, ClaimProblem::kMissingDate);
  head.headers.Add("Date", "Sun, 30 Aug 2015 12:36:00 GMT");
  const auto claim = ReadClaim(head);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->amz_date, "20150830T123600Z");
  head.headers.Add("X-Amz-Date", "yesterday");
  EXPECT_EQ(ErrorOf(head).problem, ClaimProblem::kMissingDate);
}

std::string PresignedTarget(std::string_view expires = "3600", std::string_view date = "20150830T123600Z") {
  return "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + EncodePercent(kCredential) +
         "&X-Amz-Date=" + std::string(date) + "&X-Amz-SignedHeaders=host&X-Amz-Expires=" + std::string(expires) +
         "&X-Amz-Signature=abc";
}

TEST(ReadClaim, ReadsTheQueryForm) {
  const auto claim = ReadClaim(Head("GET", PresignedTarget() + "&X-Amz-Security-Token=a%2Bb"));
  ASSERT_TRUE(claim);
  EXPECT_TRUE(claim->presigned);
  EXPECT_EQ(claim->expires_seconds, 3600);
  EXPECT_EQ(claim->security_token, "a+b");
  EXPECT_EQ(claim->scope.service, "signer");
}

TEST(ReadClaim, RefusesBrokenQueryForms) {
  for (const std::string& bad :
       {PresignedTarget("0"), PresignedTarget("604801"), PresignedTarget("-1"), PresignedTarget("x"),
        PresignedTarget("1 "), PresignedTarget(""), PresignedTarget("99999999999999999999"),
        PresignedTarget("60", "2015-08-30T12:36:00Z"), PresignedTarget() + "&X-Amz-Signature=abd",
        PresignedTarget() + "&X-Amz-Security-Token=%zz", std::string("/?X-Amz-Signature=abc"),
        std::string("/?X-Amz-Algorithm=AWS4-HMAC-SHA256")}) {
    EXPECT_EQ(ErrorOf(Head("GET", bad)).problem, ClaimProblem::kMalformedQuery) << bad;
  }
  EXPECT_TRUE(ReadClaim(Head("GET", PresignedTarget("604800"))));
}

TEST(Verify, AcceptsWhatSignRequestMade) {
  EXPECT_EQ(VerifyAt(SignedHead(), kNow).verdict, Verdict::kValid);
  EXPECT_EQ(VerifyAt(SignedHead("/", "token"), kNow).verdict, Verdict::kValid);
}

TEST(Verify, TakesAPlusInTheQueryForTheBlankThatWasSigned) {
  auto head = SignedHead("/signing-jobs?nextToken=made%20up");
  head.target = "/signing-jobs?nextToken=made+up";
  EXPECT_EQ(VerifyAt(head, kNow).verdict, Verdict::kValid);
  head.target = "/signing-jobs?nextToken=made%2Bup";
  EXPECT_EQ(VerifyAt(head, kNow).verdict, Verdict::kMismatch);
}

TEST(Verify, RefusesAnyChangedPart) {
  auto method = SignedHead();
  method.method = "PUT";
  auto target = SignedHead();
  target.target = "/signing-jobs?b=2&a=2";
  auto host = SignedHead();
  host.headers.Set("Host", "other.example.net");
  auto signature = SignedHead();
  auto value = std::string(signature.headers.Get("Authorization"));
  value.back() = value.back() == '0' ? '1' : '0';
  signature.headers.Set("Authorization", value);
  for (const auto& head : {method, target, host, signature}) {
    const auto result = VerifyAt(head, kNow);
    EXPECT_EQ(result.verdict, Verdict::kMismatch);
    EXPECT_THAT(result.message, HasSubstr("does not match the signature you provided"));
    EXPECT_FALSE(result.canonical_request.empty());
    EXPECT_THAT(result.string_to_sign, HasSubstr(crypto::Sha256Hex(result.canonical_request)));
  }
}

TEST(Verify, RefusesAnotherSecretAndAnotherPayload) {
  const auto head = SignedHead();
  const auto claim = *ReadClaim(head);
  const auto right = SigningKey(Example().secret, claim.scope);
  const auto wrong = SigningKey(SecretBytes("other"), claim.scope);
  constexpr auto kRule = PathRule::kNormalizeAndEncodeTwice;
  EXPECT_EQ(Verify(head, claim, kRule, kEmptyHash, right, kNow).verdict, Verdict::kValid);
  EXPECT_EQ(Verify(head, claim, kRule, kEmptyHash, wrong, kNow).verdict, Verdict::kMismatch);
  EXPECT_EQ(Verify(head, claim, kRule, crypto::Sha256Hex("x"), right, kNow).verdict, Verdict::kMismatch);
}

TEST(Verify, NeedsHostAndEveryAmzHeaderSigned) {
  auto extra = SignedHead();
  extra.headers.Add("X-Amz-Meta-A", "1");
  const auto result = VerifyAt(extra, kNow);
  EXPECT_EQ(result.verdict, Verdict::kHeaderNotSigned);
  EXPECT_THAT(result.message, HasSubstr("x-amz-meta-a"));

  auto traced = SignedHead();
  traced.headers.Add("X-Amzn-Trace-Id", "Root=1");
  EXPECT_EQ(VerifyAt(traced, kNow).verdict, Verdict::kValid);

  const auto no_host =
      WithAuthorization("AWS4-HMAC-SHA256 Credential=" + kCredential + ", SignedHeaders=x-amz-date, Signature=abc");
  EXPECT_EQ(VerifyAt(no_host, kNow).verdict, Verdict::kHeaderNotSigned);
}

TEST(Verify, AllowsFifteenMinutesOfSkewEitherWay) {
  const auto head = SignedHead();
  const Duration limit = std::chrono::minutes(15);
  const Duration second = std::chrono::seconds(1);
  EXPECT_EQ(VerifyAt(head, kNow + limit).verdict, Verdict::kValid);
  EXPECT_EQ(VerifyAt(head, kNow - limit).verdict, Verdict::kValid);
  const auto late = VerifyAt(head, kNow + limit + second);
  EXPECT_EQ(late.verdict, Verdict::kExpired);
  EXPECT_EQ(late.message,
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)");
  const auto early = VerifyAt(head, kNow - limit - second);
  EXPECT_EQ(early.verdict, Verdict::kNotYetValid);
  EXPECT_EQ(early.message,
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 "
            "min.)");
}

TEST(Verify, SpeaksOfTimeInTheWordsOfS3) {
  auto head = Head("GET", "/b/k");
  SignRequest(head, Example(), "us-east-1", "s3", PathRule::kS3, kEmptyHash, kNow);
  EXPECT_EQ(VerifyAt(head, kNow, PathRule::kS3).verdict, Verdict::kValid);
  const auto late = VerifyAt(head, kNow + std::chrono::hours(1), PathRule::kS3);
  EXPECT_EQ(late.message, "The difference between the request time and the current time is too large.");
}

TEST(Verify, HoldsPresignedRequestsToTheirOwnLife) {
  auto head = Head("GET", PresignedTarget("60"));
  auto claim = *ReadClaim(head);
  constexpr auto kRule = PathRule::kNormalizeAndEncodeTwice;
  const auto key = SigningKey(Example().secret, claim.scope);
  claim.signature = Sign(key, StringToSign(claim, CanonicalRequest(head, claim, kRule, kEmptyHash)));
  EXPECT_EQ(Verify(head, claim, kRule, kEmptyHash, key, kNow + std::chrono::seconds(60)).verdict, Verdict::kValid);
  const auto late = Verify(head, claim, kRule, kEmptyHash, key, kNow + std::chrono::seconds(61));
  EXPECT_EQ(late.verdict, Verdict::kExpired);
  EXPECT_EQ(late.message, "Request has expired");
  EXPECT_EQ(Verify(head, claim, kRule, kEmptyHash, key, kNow - std::chrono::minutes(16)).verdict,
            Verdict::kNotYetValid);
}

TEST(Verify, RefusesAScopeOfAnotherDay) {
  auto head = WithAuthorization(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150829/us-east-1/signer/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=abc");
  auto claim = *ReadClaim(head);
  constexpr auto kRule = PathRule::kNormalizeAndEncodeTwice;
  const auto key = SigningKey(Example().secret, claim.scope);
  claim.signature = Sign(key, StringToSign(claim, CanonicalRequest(head, claim, kRule, kEmptyHash)));
  const auto result = Verify(head, claim, kRule, kEmptyHash, key, kNow);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message, HasSubstr("'20150829' != '20150830'"));
}

TEST(SignRequest, LeavesOutWhatProxiesChangeAndReplacesWhatWasThere) {
  auto head = Head("PUT", "/b/k");
  head.headers.Add("User-Agent", "x");
  head.headers.Add("Expect", "100-continue");
  head.headers.Add("Transfer-Encoding", "chunked");
  head.headers.Add("Content-Type", "text/plain");
  for (int round = 0; round < 2; ++round) {
    SignRequest(head, Example("t"), "us-east-1", "s3", PathRule::kS3, kUnsignedPayload, kNow);
    const auto claim = ReadClaim(head);
    ASSERT_TRUE(claim);
    EXPECT_THAT(claim->signed_headers, ::testing::ElementsAre("content-type", "host", "x-amz-content-sha256",
                                                              "x-amz-date", "x-amz-security-token"));
    EXPECT_EQ(claim->security_token, "t");
  }
}

TEST(PayloadKind, KnowsTheWordsOfS3) {
  EXPECT_EQ(ParsePayloadKind(kEmptyHash), PayloadKind::kHash);
  EXPECT_EQ(ParsePayloadKind(kUnsignedPayload), PayloadKind::kUnsigned);
  EXPECT_EQ(ParsePayloadKind("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), PayloadKind::kSignedChunks);
  EXPECT_EQ(ParsePayloadKind("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), PayloadKind::kSignedChunksTrailer);
  EXPECT_EQ(ParsePayloadKind("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), PayloadKind::kUnsignedChunksTrailer);
  EXPECT_EQ(ParsePayloadKind("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"), PayloadKind::kAsymmetricChunks);
  EXPECT_EQ(ParsePayloadKind(std::string(63, 'a')), PayloadKind::kUnknown);
  EXPECT_EQ(ParsePayloadKind(std::string(64, 'A')), PayloadKind::kUnknown);
  EXPECT_TRUE(IsChunked(PayloadKind::kSignedChunks) && !HasTrailer(PayloadKind::kSignedChunks));
  EXPECT_TRUE(IsChunked(PayloadKind::kUnsignedChunksTrailer) && HasTrailer(PayloadKind::kUnsignedChunksTrailer));
  EXPECT_FALSE(IsChunked(PayloadKind::kHash));
}

std::string Revealed(const SecretBytes& secret) { return std::string(secret.Reveal(SecretAccess("test"))); }

TEST(SigningKeyCache, GivesTheDerivedKeyAndForgetsItWhenTheSecretChanges) {
  SigningKeyCache cache;
  const Scope scope{"20150830", "us-east-1", "signer"};
  const AccessKeyId id("AKID");
  for (const char* secret : {"one", "one", "two", "one"}) {
    EXPECT_EQ(Revealed(cache.Get(id, SecretBytes(secret), scope)), Revealed(SigningKey(SecretBytes(secret), scope)));
    EXPECT_EQ(cache.size(), 1U);
  }
}

TEST(SigningKeyCache, KeepsTheKeysUsedLast) {
  SigningKeyCache cache(2);
  const auto get = [&cache](const char* region) {
    const Scope scope{"20150830", region, "signer"};
    EXPECT_EQ(Revealed(cache.Get(AccessKeyId("AKID"), SecretBytes("s"), scope)),
              Revealed(SigningKey(SecretBytes("s"), scope)));
  };
  for (const char* region : {"a", "b", "a", "c", "a", "b", "c"}) get(region);
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace firmsign::sigv4
