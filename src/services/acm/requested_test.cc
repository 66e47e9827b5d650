// SPDX-License-Identifier: Apache-2.0
//
// Certificates that are requested here: issued, exported, renewed, revoked.

#include <gmock/gmock.h>

#include "services/acm/answers.h"
#include "services/acm/authority.h"
#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RequestedTest : public AcmTest {
 protected:
  auto Request(RequestCertificateRequest input) {
    return Call<ops::RequestCertificate, &RequestCertificate>(std::move(input));
  }
  static RequestCertificateRequest Named(std::string name, std::string algorithm = "EC_prime256v1") {
    return {.domain_name = std::move(name), .key_algorithm = std::move(algorithm)};
  }
  std::string MustRequest(RequestCertificateRequest input) {
    auto output = Request(std::move(input));
    CHECK(output.has_value());
    return *output->certificate_arn;
  }
  CertificateDetail Describe(const std::string& arn) {
    return *Call<ops::DescribeCertificate, &DescribeCertificate>({.certificate_arn = arn})->certificate;
  }
  crypto::Certificate Stored(const std::string& arn) {
    return *crypto::Certificate::FromPem(
        *Call<ops::GetCertificate, &GetCertificate>({.certificate_arn = arn})->certificate);
  }
  auto Export(const std::string& arn) {
    return Call<ops::ExportCertificate, &ExportCertificate>(
        {.certificate_arn = arn, .passphrase = SecretBytes("open sesame")});
  }
  auto Renew(const std::string& arn) {
    return Call<ops::RenewCertificate, &RenewCertificate>({.certificate_arn = arn});
  }
  auto Revoke(const std::string& arn, std::string reason = "KEY_COMPROMISE") {
    return Call<ops::RevokeCertificate, &RevokeCertificate>(
        {.certificate_arn = arn, .revocation_reason = std::move(reason)});
  }
  auto SetExport(const std::string& arn, std::string value) {
    return Call<ops::UpdateCertificateOptions, &UpdateCertificateOptions>(
        {.certificate_arn = arn, .options = {.export_ = std::move(value)}});
  }
  auto Find(const std::string& arn) { return certificates.Find(gateway.facts.account(), gateway.facts.region, arn); }
};

TEST_F(RequestedTest, AreIssuedAtOnceToSignCode) {
  RequestCertificateRequest input = Named("firmware.example.com");
  input.subject_alternative_names = {{"b.example.com", "firmware.example.com", "b.example.com"}};
  input.tags = {{{.key = "team", .value = "boot"}}};
  const std::string arn = MustRequest(input);
  const CertificateDetail detail = Describe(arn);
  EXPECT_EQ(detail.status, "ISSUED");
  EXPECT_EQ(detail.type, "PRIVATE");
  EXPECT_EQ(detail.certificate_key_pair_origin, "AWS_MANAGED");
  EXPECT_THAT(*detail.subject_alternative_names, ElementsAre("firmware.example.com", "b.example.com"));
  ASSERT_EQ(detail.domain_validation_options->size(), 2u) << "the stock waiter looks here";
  EXPECT_EQ(detail.domain_validation_options->front().validation_status, "SUCCESS");
  EXPECT_EQ(detail.issued_at, gateway.facts.now);
  EXPECT_EQ(detail.imported_at, std::nullopt);
  EXPECT_EQ(detail.not_after, InstantFromSeconds((gateway.facts.now + hours(24 * 395)).micros / 1'000'000));
  EXPECT_EQ(detail.extended_key_usages->front().name, "CODE_SIGNING");
  const auto material = Find(arn);
  ASSERT_TRUE(material) << material.error().message;
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "image");
  const auto signature = (*material)->key->SignDigest(crypto::Hash::kSha256, digest);
  ASSERT_TRUE(signature);
  EXPECT_TRUE((*material)->certificate.public_key().VerifyDigest(crypto::Hash::kSha256, digest, *signature));
}

TEST_F(RequestedTest, AreIssuedByOneAuthorityOfTheAccountAndRegion) {
  const std::string first = MustRequest(Named("a.example.com"));
  const std::string second = MustRequest(Named("b.example.com"));
  const std::string chain = *Call<ops::GetCertificate, &GetCertificate>({.certificate_arn = first})->certificate_chain;
  const crypto::Certificate root = *crypto::Certificate::FromPem(chain);
  EXPECT_TRUE(root.info().is_self_signed);
  EXPECT_EQ(root.info().path_length, 0) << "it makes no authorities";
  EXPECT_TRUE(Stored(first).IsSignedBy(root));
  EXPECT_TRUE(Stored(second).IsSignedBy(root));
  gateway.facts.region = Region("eu-west-1");
  const std::string elsewhere = MustRequest(Named("c.example.com"));
  EXPECT_FALSE(Stored(elsewhere).IsSignedBy(root));
  EXPECT_THAT(*Describe(elsewhere).certificate_authority_arn, HasSubstr(":acm-pca:eu-west-1:111122223333:"));
  RequestCertificateRequest input = Named("d.example.com");
  input.certificate_authority_arn = Describe(elsewhere).certificate_authority_arn;
  EXPECT_EQ(NameOfError(Request(input)), "no error");
  gateway.facts.region = Region("us-east-1");
  EXPECT_EQ(NameOfError(Request(input)), "InvalidArnException") << "another region's";
}

TEST_F(RequestedTest, HaveTheKeyThatIsAskedFor) {
  for (const std::string algorithm : {"RSA_2048", "RSA_3072", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}) {
    const std::string arn = MustRequest(Named("x.example.com", algorithm));
    EXPECT_EQ(KeyAlgorithmName(Stored(arn).public_key().kind()), algorithm);
  }
  RequestCertificateRequest input = Named("x.example.com");
  input.key_algorithm = std::nullopt;
  EXPECT_EQ(KeyAlgorithmName(Stored(MustRequest(input)).public_key().kind()), "RSA_2048");
  EXPECT_EQ(NameOfError(Request(Named("x.example.com", "RSA_1024"))), "InvalidParameterException");
}

TEST_F(RequestedTest, AreOneForOneTokenForAnHour) {
  RequestCertificateRequest input = Named("x.example.com");
  input.idempotency_token = "once";
  const std::string first = MustRequest(input);
  EXPECT_EQ(MustRequest(input), first);
  RequestCertificateRequest other = Named("y.example.com");
  other.idempotency_token = "once";
  EXPECT_NE(MustRequest(other), first);
  RequestCertificateRequest without = Named("x.example.com");
  EXPECT_NE(MustRequest(without), MustRequest(without));
  gateway.facts.now = gateway.facts.now + hours(1);
  EXPECT_NE(MustRequest(input), first);
}

TEST_F(RequestedTest, RefuseWhatTheyCannotBe) {
  EXPECT_EQ(NameOfError(Request(Named(std::string(61, 'x') + ".com"))), "ValidationException");
  EXPECT_EQ(NameOfError(Request(Named(std::string(60, 'x') + ".com"))), "no error");
  RequestCertificateRequest input = Named("x.example.com");
  input.managed_by = "CLOUDFRONT";
  EXPECT_EQ(NameOfError(Request(input)), "InvalidParameterException");
  input = Named("x.example.com");
  input.domain_validation_options = {{{.domain_name = "x.example.com", .validation_domain = "example.com"}}};
  EXPECT_EQ(NameOfError(Request(input)), "no error");
  input.domain_validation_options = {{{.domain_name = "x.example.com", .validation_domain = "ample.com"}}};
  EXPECT_EQ(NameOfError(Request(input)), "InvalidDomainValidationOptionsException");
  input.domain_validation_options = {{{.domain_name = "y.example.com", .validation_domain = "example.com"}}};
  EXPECT_EQ(NameOfError(Request(input)), "InvalidDomainValidationOptionsException");
  input = Named("x.example.com");
  input.tags = {{{.key = "aws:x", .value = "y"}}};
  EXPECT_EQ(NameOfError(Request(input)), "InvalidTagException");
  service.certificates_max = 0;
  EXPECT_EQ(NameOfError(Request(Named("x.example.com"))), "LimitExceededException");
}

TEST_F(RequestedTest, AreExportedWithTheirKeyUnderAPassphrase) {
  const std::string arn = MustRequest(Named("x.example.com"));
  const auto exported = Export(arn);
  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_EQ(*exported->certificate, Stored(arn).ToPem());
  EXPECT_TRUE(Stored(arn).IsSignedBy(*crypto::Certificate::FromPem(*exported->certificate_chain)));
  EXPECT_THAT(*exported->private_key, testing::StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_EQ(NameOfError(Export(MustImport("p256"))), "ValidationException") << "an imported one";
  EXPECT_EQ(NameOfError(Export(kUnknownArn)), "ResourceNotFoundException");
}

TEST_F(RequestedTest, AreNeverExportedOnceThatWasRuledOut) {
  RequestCertificateRequest input = Named("x.example.com");
  input.options = CertificateOptions{.export_ = "DISABLED"};
  const std::string never = MustRequest(input);
  EXPECT_EQ(NameOfError(Export(never)), "ValidationException");
  EXPECT_EQ(NameOfError(SetExport(never, "ENABLED")), "InvalidStateException");
  const std::string once = MustRequest(Named("x.example.com"));
  EXPECT_EQ(NameOfError(SetExport(once, "ENABLED")), "no error");
  EXPECT_EQ(NameOfError(SetExport(once, "DISABLED")), "no error");
  EXPECT_EQ(Describe(once).options->export_, "DISABLED");
  EXPECT_EQ(NameOfError(Export(once)), "ValidationException");
  EXPECT_EQ(NameOfError(SetExport(MustImport("p256"), "DISABLED")), "InvalidStateException");
}

TEST_F(RequestedTest, AreRenewedForTheSameKey) {
  const std::string arn = MustRequest(Named("x.example.com"));
  EXPECT_EQ(Describe(arn).renewal_eligibility, "INELIGIBLE");
  EXPECT_EQ(NameOfError(Renew(arn)), "ValidationException") << "nobody uses it";
  users.users[arn] = {"arn:aws:signer:us-east-1:111122223333:/signing-profiles/p"};
  EXPECT_THAT(*Describe(arn).in_use_by, ElementsAre("arn:aws:signer:us-east-1:111122223333:/signing-profiles/p"));
  EXPECT_EQ(Describe(arn).renewal_eligibility, "ELIGIBLE");
  const crypto::Certificate before = Stored(arn);
  ASSERT_TRUE(Find(arn));
  gateway.facts.now = gateway.facts.now + hours(24 * 300);
  ASSERT_EQ(NameOfError(Renew(arn)), "no error");
  const crypto::Certificate after = Stored(arn);
  EXPECT_EQ(after.public_key().Spki(), before.public_key().Spki());
  EXPECT_EQ(after.info().dns_names, before.info().dns_names);
  EXPECT_EQ(after.info().not_after, before.info().not_after + hours(24 * 300));
  EXPECT_EQ((*Find(arn))->certificate.ToPem(), after.ToPem()) << "jobs sign with the new one at once";
  const std::string exported = MustRequest(Named("y.example.com"));
  ASSERT_TRUE(Export(exported));
  EXPECT_EQ(NameOfError(Renew(exported)), "no error");
  EXPECT_EQ(NameOfError(Renew(MustImport("p256"))), "ValidationException");
}

TEST_F(RequestedTest, SignNothingOnceTheyAreRevoked) {
  const std::string arn = MustRequest(Named("x.example.com"));
  ASSERT_TRUE(Find(arn));
  ASSERT_EQ(NameOfError(Revoke(arn)), "no error");
  EXPECT_EQ(Find(arn).error().code, Code::kDenied);
  const CertificateDetail detail = Describe(arn);
  EXPECT_EQ(detail.status, "REVOKED");
  EXPECT_EQ(detail.revoked_at, gateway.facts.now);
  EXPECT_EQ(detail.revocation_reason, "KEY_COMPROMISE");
  EXPECT_EQ(NameOfError(Revoke(arn, "UNSPECIFIED")), "no error");
  EXPECT_EQ(Describe(arn).revocation_reason, "KEY_COMPROMISE") << "the first time counts";
  users.users[arn] = {"p"};
  EXPECT_EQ(NameOfError(Renew(arn)), "ValidationException");
  EXPECT_EQ(NameOfError(Revoke(MustImport("p256"))), "ValidationException");
}

TEST_F(RequestedTest, AreNotReplacedByAnImport) {
  ImportCertificateRequest input = RequestFor("p256");
  input.certificate_arn = MustRequest(Named("x.example.com"));
  EXPECT_EQ(NameOfError(Import(input)), "ValidationException");
}

TEST_F(RequestedTest, AreListedByWhatTheyAre) {
  const std::string arn = MustRequest(Named("requested.example.com"));
  MustImport("p256");
  const auto names = [&](ListCertificatesRequest input) {
    if (!input.includes) input.includes.emplace();
    input.includes->key_types = {{"EC_prime256v1"}};
    std::vector<std::string> found;
    const auto output = Call<ops::ListCertificates, &ListCertificates>(std::move(input));
    for (const auto& summary : *output->certificate_summary_list) found.push_back(*summary.domain_name);
    return found;
  };
  EXPECT_THAT(names({.certificate_key_pair_origins = {{"AWS_MANAGED"}}}), ElementsAre("requested.example.com"));
  EXPECT_THAT(names({.certificate_key_pair_origins = {{"CUSTOMER_PROVIDED"}}}), ElementsAre("Device Signer"));
  EXPECT_THAT(names({.includes = Filters{.export_option = "ENABLED"}}), ElementsAre("requested.example.com"));
  EXPECT_THAT(names({.includes = Filters{.export_option = "DISABLED"}}), ElementsAre("Device Signer"));
  ASSERT_TRUE(Revoke(arn));
  EXPECT_THAT(names({.certificate_statuses = {{"REVOKED"}}}), ElementsAre("requested.example.com"));
  EXPECT_THAT(names({.certificate_statuses = {{"ISSUED"}}}), ElementsAre("Device Signer"));
}

TEST_F(RequestedTest, WaitForNoMail) {
  const auto resend = [&](const std::string& arn) {
    return Call<ops::ResendValidationEmail, &ResendValidationEmail>(
        {.certificate_arn = arn, .domain = "x.example.com", .validation_domain = "example.com"});
  };
  EXPECT_EQ(NameOfError(resend(MustRequest(Named("x.example.com")))), "InvalidStateException");
  EXPECT_EQ(NameOfError(resend(kUnknownArn)), "ResourceNotFoundException");
}

TEST_F(RequestedTest, LeaveNoKeyInTheTables) {
  const std::string arn = MustRequest(Named("x.example.com"));
  const auto stored = store.Get(NameOf(gateway.facts, arn));
  const crypto::PrivateKey key = *OpenKey(*keyring, *stored);
  const SecretBytes der = key.ToPkcs8Der();
  const std::string_view bytes = der.Reveal(SecretAccess("to look for it"));
  EXPECT_THAT(Dump(), Not(HasSubstr(bytes.substr(bytes.size() / 2, 16))));
  EXPECT_THAT(Dump(), Not(HasSubstr("PRIVATE KEY")));
  service.certificate_days = 24 * 365 * 40;
  EXPECT_FALSE(Request(Named("x.example.com"))) << "longer than the authority itself";
}

class ConfigurationTest : public AcmTest {
 protected:
  std::int64_t Days() {
    return *Call<ops::GetAccountConfiguration, &GetAccountConfiguration>({})->expiry_events->days_before_expiry;
  }
};

TEST_F(ConfigurationTest, IsThatOfAnAccountAndRegion) {
  EXPECT_EQ(Days(), 45);
  for (const std::int64_t days : {10, 20}) {
    ASSERT_EQ(NameOfError(Call<ops::PutAccountConfiguration, &PutAccountConfiguration>(
                  {.expiry_events = ExpiryEventsConfiguration{.days_before_expiry = days}, .idempotency_token = "t"})),
              "no error");
    EXPECT_EQ(Days(), days);
  }
  gateway.facts.region = Region("eu-west-1");
  EXPECT_EQ(Days(), 45);
}

class TagResourceTest : public AcmTest {};

TEST_F(TagResourceTest, IsTheNewerNameOfTheSameTags) {
  const std::string arn = MustImport("p256");
  const auto tag = [&](std::string resource, std::string key) {
    return Call<ops::TagResource, &TagResource>(
        {.resource_arn = std::move(resource), .tags = {{.key = std::move(key)}}});
  };
  EXPECT_EQ(NameOfError(tag(arn, "a")), "no error");
  EXPECT_EQ(NameOfError(tag(arn, "b")), "no error");
  EXPECT_EQ(NameOfError(tag(arn, "aws:c")), "ValidationException");
  EXPECT_EQ(NameOfError(tag("arn:aws:s3:::x", "a")), "ValidationException");
  EXPECT_EQ(NameOfError(tag(kUnknownArn, "a")), "ResourceNotFoundException");
  for (int i = 0; i < 48; ++i) ASSERT_EQ(NameOfError(tag(arn, "n" + std::to_string(i))), "no error");
  EXPECT_EQ(NameOfError(tag(arn, "one more")), "ServiceQuotaExceededException");
  std::vector<std::string> keys = {"a", "not there"};
  for (int i = 0; i < 48; ++i) keys.push_back("n" + std::to_string(i));
  ASSERT_EQ(NameOfError(Call<ops::UntagResource, &UntagResource>({.resource_arn = arn, .tag_keys = keys})), "no error");
  const auto listed = Call<ops::ListTagsForResource, &ListTagsForResource>({.resource_arn = arn});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->tags->size(), 1u);
  EXPECT_EQ(listed->tags->front().key, "b");
}

}  // namespace
}  // namespace firmsign::acm
