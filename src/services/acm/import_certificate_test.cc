// SPDX-License-Identifier: Apache-2.0

#include "base/encoding.h"
#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

class ImportCertificateTest : public AcmTest {
 protected:
  std::string Reason(ImportCertificateRequest input) {
    auto output = Import(std::move(input));
    if (output) return "no error";
    if (output.error().shape != &errors::ValidationException::kShape) return NameOfError(output);
    return output.error().message;
  }
  ImportCertificateRequest WithKey(std::string pem) {
    ImportCertificateRequest input = RequestFor("p256");
    input.private_key = SecretBytes(std::move(pem));
    return input;
  }
};

constexpr const char* kBadCertificate = "The certificate is not PEM-encoded or is not valid.";
constexpr const char* kBadKey = "The private key is not PEM-encoded or is not valid.";
constexpr const char* kBadChain = "The certificate chain is not PEM-encoded or is not valid.";

TEST_F(ImportCertificateTest, AnswersAnArnOfTheCallersAccountAndRegionAndIsRecordedOnce) {
  auto output = Import(RequestFor("p256"));
  ASSERT_TRUE(output) << output.error().message;
  const std::string& arn = *output->certificate_arn;
  EXPECT_TRUE(arn.starts_with("arn:aws:acm:us-east-1:111122223333:certificate/")) << arn;
  EXPECT_EQ(arn.size(), std::string(kUnknownArn).size());
  EXPECT_EQ(gateway.records, 1);
}

TEST_F(ImportCertificateTest, TakesEveryKindOfKeyThatAcmTakes) {
  for (const char* name : {"p256", "p384", "p521", "rsa1024", "rsa2048"}) EXPECT_TRUE(Import(RequestFor(name))) << name;
}

TEST_F(ImportCertificateTest, TakesTheKeyInEveryForm) {
  for (const char* form : {"p256", "p256-sec1", "p256-with-parameters", "p256-compressed"}) {
    EXPECT_TRUE(Import(WithKey(Pem(std::string(form) + ".key")))) << form;
  }
}

TEST_F(ImportCertificateTest, RefusesKindsOfKeysThatAcmDoesNotTake) {
  for (const char* name : {"k256", "ed25519"}) {
    EXPECT_TRUE(Reason(RequestFor(name)).starts_with("The certificate's key algorithm is not supported.")) << name;
  }
}

TEST_F(ImportCertificateTest, GivesSigningTheCertificateAndAKeyThatSigns) {
  const std::string arn = MustImport("p256");
  auto material = certificates.Find(AccountId("111122223333"), Region("us-east-1"), arn);
  ASSERT_TRUE(material) << material.error().message;
  EXPECT_EQ((*material)->certificate_arn, arn);
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "x");
  auto signature = (*material)->key->SignDigest(crypto::Hash::kSha256, digest);
  ASSERT_TRUE(signature);
  EXPECT_TRUE((*material)->certificate.public_key().VerifyDigest(crypto::Hash::kSha256, digest, *signature));
}

TEST_F(ImportCertificateTest, NeverStoresThePrivateKeyReadably) {
  for (const char* name : {"p256", "rsa2048"}) {
    ASSERT_TRUE(Import(RequestFor(name)));
    const std::string dump = Dump();
    const std::string pem = Pem(std::string(name) + ".key");
    const std::string line = pem.substr(pem.find('\n') + 1, 64);
    EXPECT_EQ(dump.find(line), std::string::npos);
    EXPECT_EQ(dump.find("PRIVATE KEY"), std::string::npos);
    // Nor its bytes: the tail of the DER is part of the secret for RSA, and of every form for EC.
    auto key = crypto::PrivateKey::FromPem(SecretBytes(pem));
    const SecretBytes der = key->ToPkcs8Der();
    const std::string_view bytes = der.Reveal(SecretAccess("a test looks for it"));
    EXPECT_EQ(dump.find(bytes.substr(36, 16)), std::string::npos);
    EXPECT_EQ(dump.find(bytes.substr(bytes.size() / 2, 16)), std::string::npos);
  }
}

TEST_F(ImportCertificateTest, DoesNotKeepAKeyThatWasPastedIntoTheCertificate) {
  ImportCertificateRequest input = RequestFor("p256");
  input.certificate += Pem("p256.key");
  EXPECT_EQ(Reason(input), kBadCertificate);
  EXPECT_EQ(Dump(), "");
}

TEST_F(ImportCertificateTest, RefusesBadCertificatesInTheWordsOfAws) {
  const std::string pem = Pem("p256.crt");
  ImportCertificateRequest input = RequestFor("p256");
  for (const std::string& bad : {std::string("hello"), pem.substr(0, 300), Pem("p256.pub"), Pem("v1.crt")}) {
    input.certificate = bad;
    EXPECT_EQ(Reason(input), kBadCertificate) << bad;
  }
  input.certificate = pem + pem;
  EXPECT_EQ(Reason(input),
            "The certificate field contains more than one certificate. You can specify only one certificate in this "
            "field.");
  EXPECT_EQ(gateway.records, 0);
}

TEST_F(ImportCertificateTest, RefusesBadKeysAndNeverRepeatsThem) {
  for (const std::string& bad : {std::string("hello"), Pem("p256.key").substr(0, 100), Pem("encrypted-pkcs8.key"),
                                 Pem("encrypted-pkcs1.key"), Pem("p256.key") + Pem("p384.key"), Pem("p256.crt")}) {
    auto output = Import(WithKey(bad));
    ASSERT_FALSE(output) << bad;
    EXPECT_EQ(output.error().message, kBadKey) << bad;
    const std::string told = output.error().message + output.error().cause;
    const std::size_t body = bad.find('\n');
    if (body != std::string::npos) {
      EXPECT_EQ(told.find(bad.substr(body + 1, 20)), std::string::npos);
    }
  }
  EXPECT_EQ(Dump(), "");
}

TEST_F(ImportCertificateTest, RefusesAKeyOfAnotherCertificate) {
  EXPECT_EQ(Reason(WithKey(Pem("other-p256.key"))), "The private key does not match the certificate's public key.");
  EXPECT_EQ(Reason(WithKey(Pem("rsa2048.key"))), "The private key does not match the certificate's public key.");
  EXPECT_EQ(Reason(WithKey(Pem("dsa.key"))), "The private key does not match the certificate's public key.");
}

TEST_F(ImportCertificateTest, RefusesCertificatesThatAreNotInEffect) {
  const auto certificate = crypto::Certificate::FromPem(Pem("p256.crt"));
  gateway.facts.now = certificate->info().not_after;
  EXPECT_EQ(Reason(RequestFor("p256")), "no error");
  gateway.facts.now = certificate->info().not_after + std::chrono::seconds(1);
  EXPECT_EQ(Reason(RequestFor("p256")), "The certificate has expired, is not valid.");
  gateway.facts.now = certificate->info().not_before;
  EXPECT_EQ(Reason(RequestFor("p256")), "no error");
  gateway.facts.now = certificate->info().not_before - std::chrono::seconds(1);
  EXPECT_EQ(Reason(RequestFor("p256")), "The certificate is not in effect yet, is not valid.");
}

TEST_F(ImportCertificateTest, TakesAChainWithOrWithoutItsRoot) {
  ImportCertificateRequest input = RequestFor("leaf");
  input.certificate_chain = Pem("issuer.crt");
  EXPECT_EQ(Reason(input), "no error");
  input.certificate_chain = Pem("issuer.crt") + Pem("root.crt");
  EXPECT_EQ(Reason(input), "no error");
}

TEST_F(ImportCertificateTest, RefusesAChainThatDoesNotCertifyTheCertificate) {
  ImportCertificateRequest input = RequestFor("leaf");
  EXPECT_EQ(Reason(input),
            "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or "
            "certificate chain.");
  for (const std::string& bad : {std::string("hello"), Pem("root.crt"), Pem("root.crt") + Pem("issuer.crt"),
                                 Pem("false-issuer.crt"), Pem("issuer.crt") + Pem("p256.crt"), Pem("p256.key")}) {
    input.certificate_chain = bad;
    EXPECT_EQ(Reason(input), kBadChain) << bad;
  }
  input.certificate_chain = Pem("leaf.crt") + Pem("issuer.crt");
  EXPECT_EQ(Reason(input), "The certificate chain contains the certificate itself. Leave it out of the chain.");
}

TEST_F(ImportCertificateTest, StoresTagsAndRefusesThoseThatAreNotAllowed) {
  ImportCertificateRequest input = RequestFor("p256");
  input.tags = {Tag{.key = "team", .value = "firmware"}, Tag{.key = "empty"}};
  EXPECT_EQ(Reason(input), "no error");
  input.tags = {Tag{.key = "AWS:mine", .value = "x"}};
  EXPECT_EQ(Reason(input), "InvalidTagException");
  input.tags = {Tag{.key = "a"}, Tag{.key = "a"}};
  EXPECT_EQ(Reason(input), "InvalidTagException");
  input.tags.emplace();
  for (int i = 0; i < 51; ++i) input.tags->push_back({.key = "k" + std::to_string(i)});
  EXPECT_EQ(Reason(input), "TooManyTagsException");
  input.tags->pop_back();
  EXPECT_EQ(Reason(input), "no error");
}

TEST_F(ImportCertificateTest, StopsAtTheQuotaOfOneAccountAndRegion) {
  service.certificates_max = 2;
  EXPECT_EQ(Reason(RequestFor("p256")), "no error");
  EXPECT_EQ(Reason(RequestFor("p384")), "no error");
  EXPECT_EQ(Reason(RequestFor("p521")), "LimitExceededException");
  gateway.facts.region = Region("eu-central-1");
  EXPECT_EQ(Reason(RequestFor("p521")), "no error");
}

TEST_F(ImportCertificateTest, ReplacesWhatLiesBehindAnArnForTheNextJobAtOnce) {
  const std::string arn = MustImport("p256");
  const AccountId account("111122223333");
  const Region region("us-east-1");
  const auto before = certificates.Find(account, region, arn);
  ASSERT_TRUE(before);
  EXPECT_EQ(*certificates.Find(account, region, arn), *before) << "the parsed key is kept";

  // The same kind of key with the same usages, but another certificate.
  ImportCertificateRequest input{
      .certificate_arn = arn, .certificate = Pem("everything.crt"), .private_key = SecretBytes(Pem("other-p256.key"))};
  auto output = Import(input);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->certificate_arn, arn);
  const auto after = certificates.Find(account, region, arn);
  ASSERT_TRUE(after);
  EXPECT_NE((*after)->certificate.FingerprintSha256(), (*before)->certificate.FingerprintSha256());
}

TEST_F(ImportCertificateTest, RefusesAReimportThatTakesSomethingAway) {
  const std::string arn = MustImport("p256");
  ImportCertificateRequest input{
      .certificate_arn = arn, .certificate = Pem("p256-no-purpose.crt"), .private_key = SecretBytes(Pem("p256.key"))};
  EXPECT_EQ(Reason(input),
            "A re-imported certificate must keep the extended key usage 1.3.6.1.5.5.7.3.3 of the one before.");
  for (const char* other : {"p384", "rsa2048"}) {
    ImportCertificateRequest changed = RequestFor(other);
    changed.certificate_arn = arn;
    EXPECT_EQ(Reason(changed), "A re-imported certificate must have the same key type and size as the one before.");
  }
  ImportCertificateRequest tagged = RequestFor("p256");
  tagged.certificate_arn = arn;
  tagged.tags = {Tag{.key = "a", .value = "b"}};
  EXPECT_EQ(Reason(tagged), "Tags cannot be given when a certificate is imported again.");
}

TEST_F(ImportCertificateTest, ReplacesOnlyWhatTheCallerOwnsInThisRegion) {
  const std::string arn = MustImport("p256");
  ImportCertificateRequest input = RequestFor("p256");
  input.certificate_arn = kUnknownArn;
  EXPECT_EQ(Reason(input), "ResourceNotFoundException");
  input.certificate_arn = "arn:aws:acm:us-east-1:111122223333:something/else";
  EXPECT_EQ(Reason(input), "InvalidArnException");
  input.certificate_arn = arn;
  gateway.facts.region = Region("eu-central-1");
  EXPECT_EQ(Reason(input), "ResourceNotFoundException");
}

}  // namespace
}  // namespace firmsign::acm
