// SPDX-License-Identifier: Apache-2.0

#include "services/acm/token_certificates.h"

#include "platform/pkcs11/testing/faulty.h"
#include "services/acm/answers.h"
#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

using pkcs11::testing::Faulty;

class TokenCertificatesTest : public AcmTest {
 protected:
  TokenCertificatesTest() { tokens = keys::Tokens({faulty.Make()}); }

  ports::TokenCertificate Request() const {
    return {.account = gateway.facts.account(),
            .region = gateway.facts.region,
            .certificate_pem = Pem("p256.crt"),
            .chain_pem = std::nullopt,
            .token = "test",
            .key_id = "",
            .key_label = "",
            .now = gateway.facts.now};
  }
  Expected<std::string> Attach(const ports::TokenCertificate& request) {
    return attachment.Attach(request, [](db::Transaction&, const std::string&) { return Expected<void>(); });
  }

  const Faulty faulty{{{"a.pem", Pem("p256.key")}}};
  TokenCertificates attachment{service, tokens};
};

TEST_F(TokenCertificatesTest, SignWithTheKeyInTheToken) {
  const auto arn = Attach(Request());
  ASSERT_TRUE(arn) << arn.error().message;
  const auto material = certificates.Find(gateway.facts.account(), gateway.facts.region, *arn);
  ASSERT_TRUE(material) << material.error().message;
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "firmware");
  const auto signature = (*material)->key->SignDigest(crypto::Hash::kSha256, digest);
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_TRUE((*material)->certificate.public_key().VerifyDigest(crypto::Hash::kSha256, digest, *signature));
  const auto stored = store.Get({.account = gateway.facts.account(), .region = gateway.facts.region, .arn = *arn});
  EXPECT_EQ(stored->sealed_key, "");
  EXPECT_EQ(stored->token_key_id, "01");
  EXPECT_EQ(stored->token_key_label, "key1");
}

TEST_F(TokenCertificatesTest, AreRefusedWithTheReason) {
  const std::string before = Dump();
  ports::TokenCertificate request = Request();
  request.token = "other";
  EXPECT_NE(Attach(request).error().message.find("no token called other"), std::string::npos);
  request = Request();
  request.key_id = "zz";
  EXPECT_EQ(Attach(request).error().message, "The key's id must be hexadecimal.");
  request.key_id = "02";
  EXPECT_NE(Attach(request).error().message.find("no key of the token signs"), std::string::npos);
  request = Request();
  request.certificate_pem = "no PEM";
  EXPECT_EQ(Attach(request).error().message, "The certificate is not PEM-encoded or is not valid.");
  request = Request();
  request.chain_pem = "no PEM";
  EXPECT_EQ(Attach(request).error().message, "The certificate chain is not PEM-encoded or is not valid.");
  service.certificates_max = 0;
  EXPECT_EQ(Attach(Request()).error().message, kTooManyCertificates);
  EXPECT_EQ(Dump(), before);
}

TEST_F(TokenCertificatesTest, ComeInThePlaceOfOneThatEnds) {
  ports::TokenCertificate request = Request();
  request.certificate_pem = Pem("p256-no-purpose.crt");
  const auto arn = Attach(request);
  ASSERT_TRUE(arn) << arn.error().message;
  ASSERT_TRUE(certificates.Find(request.account, request.region, *arn));
  request = Request();
  request.replaces = *arn;
  request.now = request.now + std::chrono::hours(1);
  EXPECT_EQ(Attach(request), *arn);
  const auto material = certificates.Find(request.account, request.region, *arn);
  ASSERT_TRUE(material);
  EXPECT_EQ((*material)->certificate.ToPem(), Pem("p256.crt"));
  const auto stored = store.Get({.account = request.account, .region = request.region, .arn = *arn});
  EXPECT_EQ(stored->imported_at, request.now);
  EXPECT_LT(stored->created_at, request.now);
}

TEST_F(TokenCertificatesTest, MoveASoftwareKeysCertificateIntoTheToken) {
  const std::string arn = MustImport("p256");
  ports::TokenCertificate request = Request();
  ASSERT_TRUE(certificates.Find(request.account, request.region, arn));
  request.replaces = arn;
  EXPECT_EQ(Attach(request), arn);
  const auto stored = store.Get({.account = request.account, .region = request.region, .arn = arn});
  EXPECT_EQ(stored->sealed_key, "");
  EXPECT_EQ(stored->token, "test");
  EXPECT_EQ(stored->token_key_id, "01");
  EXPECT_EQ(stored->token_key_label, "key1");
  const auto material = certificates.Find(request.account, request.region, arn);
  ASSERT_TRUE(material) << material.error().message;
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "firmware");
  EXPECT_TRUE((*material)->key->SignDigest(crypto::Hash::kSha256, digest));
  EXPECT_EQ((*tokens.Find("test"))->Statistics().workers_started, 1);
}

TEST_F(TokenCertificatesTest, ReplaceNothingThatTheyDoNotFit) {
  const std::string rsa = MustImport("rsa2048");
  const auto arn = Attach(Request());
  ASSERT_TRUE(arn);
  const std::string before = Dump();
  ports::TokenCertificate request = Request();
  request.replaces = "arn:aws:acm:us-east-1:111122223333:profile/1";
  EXPECT_EQ(Attach(request).error().message, BadArnMessage(request.replaces));
  request.replaces = *arn + "0";
  EXPECT_NE(Attach(request).error().message.find("has no certificate " + request.replaces), std::string::npos);
  request.replaces = rsa;
  EXPECT_NE(Attach(request).error().message.find("the same key type and size"), std::string::npos);
  request.replaces = *arn;
  request.certificate_pem = Pem("p256-no-purpose.crt");
  EXPECT_NE(Attach(request).error().message.find("must keep the extended key usage"), std::string::npos);
  request.region = Region("eu-west-1");
  EXPECT_EQ(Attach(request).error().message,
            "The account " + request.account.str() + " has no certificate " + *arn + " in the region eu-west-1.");
  EXPECT_EQ(Dump(), before);
}

TEST_F(TokenCertificatesTest, AreNotReplacedByAnImport) {
  const auto arn = Attach(Request());
  ASSERT_TRUE(arn);
  ImportCertificateRequest request = RequestFor("p256");
  request.certificate_arn = *arn;
  const auto imported = Import(std::move(request));
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().message, "The key of this certificate lies in the token test, so none can be imported.");
}

}  // namespace
}  // namespace firmsign::acm
