// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/notation_envelope.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "engine/signing/testing/identity.h"
#include "platform/crypto/ecdsa.h"
#include "platform/json/json.h"

namespace firmsign::signing {
namespace {

constexpr std::string_view kPayload =
    R"({"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
    R"("digest":"sha256:73c803930ea3ba1e54bc25c2bdc53edd0284c62ed651fe7b00369da519a3c333","size":16724}})";

Expected<NotationSignature> Sign(std::string_view payload, const ServiceIdentity& identity = Identity()) {
  return SignNotationPayload(payload, identity, TestFacts());
}

Expected<VerifiedEnvelope> Verify(std::string_view envelope, Instant at = kTestSignedAt) {
  return VerifyNotationEnvelope(envelope, Identity().chain.back(), at);
}

json::Value ProtectedOf(std::string_view envelope) {
  return *json::Parse(*DecodeBase64Url(*json::Parse(envelope)->Find("protected")->AsString()));
}

// An envelope with other protected headers, and a good signature over them.
std::string Resigned(std::string_view headers) {
  const std::string protected64 = EncodeBase64Url(headers);
  const std::string payload64 = EncodeBase64Url(kPayload);
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha384, protected64 + "." + payload64);
  const std::string raw = *crypto::EcdsaDerToRaw(*Identity().key->SignDigest(crypto::Hash::kSha384, digest), 48);
  std::string x5c;
  for (const crypto::Certificate& certificate : Identity().chain) {
    x5c += (x5c.empty() ? "\"" : ",\"") + EncodeBase64(certificate.ToDer()) + "\"";
  }
  return R"({"payload":")" + payload64 + R"(","protected":")" + protected64 + R"(","header":{"x5c":[)" + x5c +
         R"(]},"signature":")" + EncodeBase64Url(raw) + "\"}";
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SignNotationPayload, MakesAnEnvelopeThatVerifiesAndSaysWhoSigned) {
  auto signature = Sign(kPayload);
  ASSERT_TRUE(signature) << signature.error().message;
  auto verified = Verify(signature->envelope);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->payload, kPayload);
  EXPECT_EQ(verified->signature.facts.job_arn, TestFacts().job_arn);
  EXPECT_EQ(verified->signature.facts.profile_version_arn, TestFacts().profile_version_arn);
  EXPECT_EQ(verified->signature.facts.signed_at, InstantFromSeconds(Seconds(kTestSignedAt)));
  EXPECT_EQ(verified->signature.facts.expires_at, kTestExpiresAt);
  EXPECT_EQ(verified->signature.chain.size(), 3u);
  EXPECT_EQ(verified->signature.signed_digest, signature->signed_digest);
}

TEST(SignNotationPayload, WritesTheHeadersThatThePluginNeeds) {
  const json::Value headers = ProtectedOf(Sign(kPayload)->envelope);
  EXPECT_EQ(json::Write(headers),
            R"({"alg":"ES384","cty":"application/vnd.cncf.notary.payload.v1+json",)"
            R"("crit":["io.cncf.notary.signingScheme","io.cncf.notary.authenticSigningTime","io.cncf.notary.expiry",)"
            R"("io.cncf.notary.verificationPlugin","com.amazonaws.signer.signingProfileVersion",)"
            R"("com.amazonaws.signer.signingJob"],)"
            R"("io.cncf.notary.signingScheme":"notary.x509.signingAuthority",)"
            R"("io.cncf.notary.authenticSigningTime":"2026-09-21T14:13:20Z",)"
            R"("io.cncf.notary.expiry":"2033-05-18T03:33:20Z",)"
            R"("io.cncf.notary.verificationPlugin":"com.amazonaws.signer.notation.plugin",)"
            R"("com.amazonaws.signer.signingProfileVersion":)"
            R"("arn:aws:signer:us-east-1:111122223333:/signing-profiles/Firmware/OF8IVUsPJq",)"
            R"("com.amazonaws.signer.signingJob":)"
            R"("arn:aws:signer:us-east-1:111122223333:/signing-jobs/97af3947-e7b2-4533-8d9d-6741156f0b79"})");
}

TEST(SignNotationPayload, NamesTheCertificatesByTheirThumbprints) {
  auto signature = Sign(kPayload);
  std::string expected;
  for (const crypto::Certificate& certificate : Identity().chain) {
    expected += (expected.empty() ? "[\"" : ",\"") + EncodeHex(certificate.FingerprintSha256()) + "\"";
  }
  ASSERT_EQ(signature->metadata.size(), 1u);
  EXPECT_EQ(signature->metadata.at("io.cncf.notary.x509chain.thumbprint#S256"), expected + "]");
}

TEST(SignNotationPayload, RefusesWhatIsNoPayloadAndSaysWhy) {
  const std::string kNoDigest =
      ": targetArtifact: digest is not sha256, sha384 or sha512, a colon, and lower-case hexadecimal digits of that "
      "length";
  const auto with_digest = [](const std::string& digest) {
    return R"({"targetArtifact":{"mediaType":"x","digest":")" + digest + R"("}})";
  };
  const struct {
    std::string payload;
    std::string message;
  } cases[] = {
      {"[]", ": it must be a JSON object with a targetArtifact"},
      {"{}", ": it must be a JSON object with a targetArtifact"},
      {R"({"targetArtifact":"x"})", ": it must be a JSON object with a targetArtifact"},
      {R"({"targetArtifact":{"digest":"sha256:0","size":1}})", ": targetArtifact: mediaType is missing or no text"},
      {R"({"targetArtifact":{"mediaType":"x","size":1}})", ": targetArtifact: digest is missing or no text"},
      {R"({"targetArtifact":{"mediaType":"x","digest":"y","size":1}})", kNoDigest},
      {R"({"targetArtifact":{"mediaType":"x","digest":"sha256:73c8","size":1}})", kNoDigest},
      {with_digest("sha256:" + std::string(63, 'a') + "A"), kNoDigest},
      {with_digest("md5:" + std::string(32, 'a')), kNoDigest},
      {with_digest("sha512:" + std::string(128, '0')), ": targetArtifact: size is missing or no length"},
      {with_digest("sha384:" + std::string(96, '0') + R"(","size":"-1)"),
       ": targetArtifact: size is missing or no length"},
      {std::string(4097, ' '), ": it is longer than 4096 bytes"},
  };
  for (const auto& c : cases) {
    auto signature = Sign(c.payload);
    ASSERT_FALSE(signature) << c.payload;
    EXPECT_EQ(signature.error().code, Code::kInvalid);
    EXPECT_EQ(signature.error().message, "the payload is no Notary Project payload" + c.message);
  }
  EXPECT_EQ(Sign("firmware").error().code, Code::kInvalid);
  EXPECT_EQ(Sign("").error().code, Code::kInvalid);
}

TEST(SignNotationPayload, DoesNotReleaseWhatDoesNotVerify) {
  ServiceIdentity identity = Identity();
  identity.key = MakeTestIdentity().key;
  EXPECT_EQ(Sign(kPayload, identity).error().code, Code::kInternal);
  EXPECT_EQ(Sign(kPayload, MakeTestIdentity("prime256v1")).error().code, Code::kInternal);
  EXPECT_EQ(Sign(kPayload, {}).error().code, Code::kInternal);
}

TEST(VerifyNotationEnvelope, RefusesAnotherPayloadHeaderOrSignature) {
  const std::string good = Sign(kPayload)->envelope;
  const json::Value value = *json::Parse(good);
  for (const char* name : {"payload", "protected", "signature"}) {
    const std::string& text = *value.Find(name)->AsString();
    std::string changed = text;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Verify(Replaced(good, text, changed)).error().code, Code::kInvalid) << name;
  }
  EXPECT_EQ(Verify(Replaced(good, "\"signature\"", "\"signatures\"")).error().code, Code::kInvalid);
  EXPECT_EQ(Verify(Replaced(good, "{", R"({"more":1,)")).error().code, Code::kInvalid);
  EXPECT_EQ(Verify("{}").error().code, Code::kInvalid);
  EXPECT_EQ(Verify("no JSON").error().code, Code::kInvalid);
}

TEST(VerifyNotationEnvelope, LooksAtTheLeafAsOfSigningAndAtTheExpiryAsOfNow) {
  const std::string good = Sign(kPayload)->envelope;
  EXPECT_TRUE(Verify(good, kTestLeafEnd + std::chrono::hours(24)));
  EXPECT_EQ(Verify(good, kTestExpiresAt).error().message, "the signature has expired: 2033-05-18T03:33:20Z");
  EXPECT_EQ(Verify(good, kTestBegin).error().message, "the signature is from the future: 2026-09-21T14:13:20Z");
  EXPECT_EQ(VerifyNotationEnvelope(good, MakeTestIdentity().chain.back(), kTestSignedAt).error().code, Code::kInvalid);
}

TEST(VerifyNotationEnvelope, UnderstandsEveryCriticalHeaderOrRefuses) {
  const std::string headers = json::Write(ProtectedOf(Sign(kPayload)->envelope));
  ASSERT_TRUE(Verify(Resigned(headers)));
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "\"crit\":[", "\"crit\":[\"x\","))).error().message,
            "the envelope has a critical header that is not understood or comes twice: x");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "\"io.cncf.notary.expiry\",", ""))).error().message,
            "the envelope's header io.cncf.notary.expiry is not critical");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "\"crit\"", "\"crits\""))).error().message,
            "the envelope's crit is missing or no list");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "ES384", "none"))).error().message,
            "the envelope's alg is none; only ES384 is understood");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "2033-05-18T03:33:20Z", "soon"))).error().message,
            "the envelope's io.cncf.notary.expiry is no time");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "2033-05-18T03:33:20Z", "2026-09-21T14:13:20Z"))).error().message,
            "the signature expires before it was made");
  EXPECT_EQ(Verify(Resigned(Replaced(headers, "notary.x509.signingAuthority", "notary.x509"))).error().code,
            Code::kInvalid);
}

TEST(VerifyNotationEnvelope, RefusesCertificatesThatAreNotOfTheChain) {
  const std::string good = Sign(kPayload)->envelope;
  const std::string root = "\"" + EncodeBase64(Identity().chain.back().ToDer()) + "\"";
  const std::string other = "\"" + EncodeBase64(MakeTestIdentity().chain.back().ToDer()) + "\"";
  EXPECT_EQ(Verify(Replaced(good, root, root + "," + other)).error().message,
            "the envelope's x5c has certificates that are not of the chain");
  EXPECT_EQ(Verify(Replaced(good, root, "\"no base64\"")).error().message,
            "the envelope's x5c holds what is not base64");
}

}  // namespace
}  // namespace firmsign::signing
