// SPDX-License-Identifier: Apache-2.0
//
// Describe, Get, List and Delete: what is known of a certificate after its import.

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DescribeCertificateTest : public AcmTest {
 protected:
  auto Describe(const std::string& arn) {
    return Call<ops::DescribeCertificate, &DescribeCertificate>({.certificate_arn = arn});
  }
};
class GetCertificateTest : public AcmTest {
 protected:
  auto Get(const std::string& arn) { return Call<ops::GetCertificate, &GetCertificate>({.certificate_arn = arn}); }
};
class DeleteCertificateTest : public AcmTest {
 protected:
  auto Delete(const std::string& arn) {
    return Call<ops::DeleteCertificate, &DeleteCertificate>({.certificate_arn = arn});
  }
};
class ListCertificatesTest : public AcmTest {
 protected:
  auto List(ListCertificatesRequest input) { return Call<ops::ListCertificates, &ListCertificates>(std::move(input)); }
  std::vector<std::string> Names(ListCertificatesRequest input) {
    std::vector<std::string> names;
    auto output = List(std::move(input));
    if (!output) return {NameOfError(output)};
    for (const CertificateSummary& s : *output->certificate_summary_list) names.push_back(s.domain_name.value_or("-"));
    return names;
  }
  static ListCertificatesRequest AllKeys() {
    ListCertificatesRequest input;
    input.includes = Filters{.key_types = {{"RSA_1024", "RSA_2048", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}}};
    return input;
  }
};

TEST_F(DescribeCertificateTest, ShowsWhatTheLiveServiceShowsOfACodeSigningCertificate) {
  const std::string arn = MustImport("p256");
  auto output = Describe(arn);
  ASSERT_TRUE(output) << output.error().message;
  const CertificateDetail& detail = *output->certificate;
  EXPECT_EQ(detail.certificate_arn, arn);
  EXPECT_EQ(detail.domain_name, "Device Signer");
  EXPECT_THAT(*detail.subject_alternative_names, ElementsAre("Device Signer"));
  EXPECT_EQ(detail.subject, "O=Example,CN=Device Signer");
  EXPECT_EQ(detail.issuer, detail.subject);
  EXPECT_EQ(detail.key_algorithm, "EC-prime256v1");
  EXPECT_EQ(detail.signature_algorithm, "SHA256WITHECDSA");
  EXPECT_EQ(detail.status, "ISSUED");
  EXPECT_EQ(detail.type, "IMPORTED");
  EXPECT_EQ(detail.renewal_eligibility, "INELIGIBLE");
  EXPECT_THAT(*detail.in_use_by, IsEmpty());
  EXPECT_EQ(detail.imported_at, gateway.facts.now);
  EXPECT_EQ(detail.created_at, gateway.facts.now);
  EXPECT_EQ(detail.issued_at, std::nullopt);
  ASSERT_EQ(detail.key_usages->size(), 1u);
  EXPECT_EQ(detail.key_usages->front().name, "DIGITAL_SIGNATURE");
  ASSERT_EQ(detail.extended_key_usages->size(), 1u);
  EXPECT_EQ(detail.extended_key_usages->front().name, "CODE_SIGNING");
  EXPECT_EQ(detail.extended_key_usages->front().oid, "1.3.6.1.5.5.7.3.3");
  const auto info = crypto::Certificate::FromPem(Pem("p256.crt"))->info();
  EXPECT_EQ(detail.serial, info.serial_hex_colons);
  EXPECT_EQ(detail.not_before, info.not_before);
  EXPECT_EQ(detail.not_after, info.not_after);
}

TEST_F(DescribeCertificateTest, WritesRsaKeysWithAHyphen) {
  EXPECT_EQ(Describe(MustImport("rsa2048"))->certificate->key_algorithm, "RSA-2048");
}

TEST_F(DescribeCertificateTest, SaysThatACertificateHasExpired) {
  const std::string arn = MustImport("p256");
  gateway.facts.now = crypto::Certificate::FromPem(Pem("p256.crt"))->info().not_after + std::chrono::seconds(1);
  EXPECT_EQ(Describe(arn)->certificate->status, "EXPIRED");
}

TEST_F(DescribeCertificateTest, KeepsTheFirstCreationTimeWhenACertificateIsImportedAgain) {
  const std::string arn = MustImport("p256");
  const Instant first = gateway.facts.now;
  gateway.facts.now = first + std::chrono::hours(1);
  ImportCertificateRequest again = RequestFor("p256");
  again.certificate_arn = arn;
  ASSERT_TRUE(Import(again));
  auto output = Describe(arn);
  EXPECT_EQ(output->certificate->created_at, first);
  EXPECT_EQ(output->certificate->imported_at, gateway.facts.now);
}

TEST_F(DescribeCertificateTest, FindsNothingOfOthers) {
  const std::string arn = MustImport("p256");
  EXPECT_EQ(NameOfError(Describe(kUnknownArn)), "ResourceNotFoundException");
  EXPECT_EQ(NameOfError(Describe("arn:aws:s3:::bucket/certificate/x")), "InvalidArnException");
  gateway.facts.region = Region("eu-central-1");
  EXPECT_EQ(NameOfError(Describe(arn)), "ResourceNotFoundException");
  gateway.facts.region = Region("us-east-1");
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_EQ(NameOfError(Describe(arn)), "ResourceNotFoundException");
}

TEST_F(GetCertificateTest, AnswersTheCertificateAloneWhenItIsSelfSigned) {
  auto output = Get(MustImport("p256"));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->certificate, Pem("p256.crt"));
  EXPECT_EQ(output->certificate_chain, std::nullopt);
}

TEST_F(GetCertificateTest, AnswersTheChainWithoutWhatStoodAroundIt) {
  ImportCertificateRequest input = RequestFor("leaf");
  input.certificate_chain = "the issuer:\n" + Pem("issuer.crt") + "\nthe root:\n" + Pem("root.crt");
  auto imported = Import(input);
  ASSERT_TRUE(imported) << imported.error().message;
  auto output = Get(*imported->certificate_arn);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->certificate, Pem("leaf.crt"));
  EXPECT_EQ(output->certificate_chain, Pem("issuer.crt") + Pem("root.crt"));
}

TEST_F(GetCertificateTest, FindsNothingThatIsNotThere) {
  EXPECT_EQ(NameOfError(Get(kUnknownArn)), "ResourceNotFoundException");
  EXPECT_EQ(NameOfError(Get("nonsense")), "InvalidArnException");
}

TEST_F(DeleteCertificateTest, RemovesEverythingAlsoFromTheCacheOfKeys) {
  ImportCertificateRequest input = RequestFor("p256");
  input.tags = {Tag{.key = "team", .value = "firmware"}};
  const std::string arn = *Import(input)->certificate_arn;
  const AccountId account("111122223333");
  ASSERT_TRUE(certificates.Find(account, Region("us-east-1"), arn));
  const int records = gateway.records;
  ASSERT_TRUE(Delete(arn));
  EXPECT_EQ(gateway.records, records + 1);
  EXPECT_EQ(Dump(), "");
  EXPECT_EQ(certificates.Find(account, Region("us-east-1"), arn).error().code, Code::kNotFound);
  EXPECT_EQ(NameOfError(Delete(arn)), "ResourceNotFoundException");
}

TEST_F(DeleteCertificateTest, RefusesWhatIsNotTheCallers) {
  const std::string arn = MustImport("p256");
  EXPECT_EQ(NameOfError(Delete("arn:aws:acm:us-east-1:111122223333:certificate/")), "InvalidArnException");
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_EQ(NameOfError(Delete(arn)), "ResourceNotFoundException");
  EXPECT_NE(Dump(), "");
}

TEST_F(ListCertificatesTest, ShowsOnlySmallRsaKeysUnlessAskedForOthers) {
  MustImport("p256");
  MustImport("rsa2048");
  MustImport("rsa1024");
  MustImport("p384");
  EXPECT_THAT(Names({}), ElementsAre("rsa2048.example.com", "rsa1024.example.com"));
  ListCertificatesRequest ec;
  ec.includes = Filters{.key_types = {{"EC_prime256v1"}}};
  EXPECT_THAT(Names(ec), ElementsAre("Device Signer"));
}

TEST_F(ListCertificatesTest, HidesRsaCertificatesWithoutADomainNameUnlessAskedForTheirKeys) {
  ASSERT_TRUE(Import({.certificate = Pem("plain.crt"), .private_key = SecretBytes(Pem("rsa2048.key"))}));
  EXPECT_THAT(Names({}), IsEmpty());
  auto output = List(AllKeys());
  ASSERT_EQ(output->certificate_summary_list->size(), 1u);
  const CertificateSummary& summary = output->certificate_summary_list->front();
  EXPECT_EQ(summary.domain_name, std::nullopt);
  EXPECT_THAT(*summary.key_usages, ElementsAre("ANY"));
  EXPECT_THAT(*summary.extended_key_usages, ElementsAre("NONE"));
}

TEST_F(ListCertificatesTest, SummarizesWithUnderscores) {
  const std::string arn = MustImport("p256");
  auto output = List(AllKeys());
  ASSERT_TRUE(output);
  const CertificateSummary& summary = output->certificate_summary_list->at(0);
  EXPECT_EQ(summary.certificate_arn, arn);
  EXPECT_EQ(summary.key_algorithm, "EC_prime256v1");
  EXPECT_EQ(summary.status, "ISSUED");
  EXPECT_EQ(summary.type, "IMPORTED");
  EXPECT_EQ(summary.in_use, false);
  EXPECT_THAT(*summary.extended_key_usages, ElementsAre("CODE_SIGNING"));
  EXPECT_EQ(summary.imported_at, gateway.facts.now);
}

TEST_F(ListCertificatesTest, FiltersByEverythingThatTheModelNames) {
  MustImport("p256");
  gateway.facts.now = gateway.facts.now + std::chrono::seconds(1);
  ASSERT_TRUE(Import({.certificate = Pem("everything.crt"), .private_key = SecretBytes(Pem("other-p256.key"))}));
  const auto with = [](auto change) {
    ListCertificatesRequest input = AllKeys();
    change(input);
    return input;
  };
  EXPECT_THAT(Names(with([](auto& i) { i.includes->extended_key_usage = {{"CODE_SIGNING"}}; })),
              ElementsAre("Device Signer", "last.example.com"));
  EXPECT_THAT(Names(with([](auto& i) { i.includes->extended_key_usage = {{"TIME_STAMPING"}}; })),
              ElementsAre("last.example.com"));
  EXPECT_THAT(Names(with([](auto& i) { i.includes->key_usage = {{"CRL_SIGNING"}}; })), ElementsAre("last.example.com"));
  EXPECT_THAT(Names(with([](auto& i) { i.certificate_statuses = {{"EXPIRED"}}; })), IsEmpty());
  EXPECT_EQ(Names(with([](auto& i) { i.certificate_statuses = {{"ISSUED", "EXPIRED"}}; })).size(), 2u);
  EXPECT_THAT(Names(with([](auto& i) { i.includes->export_option = "ENABLED"; })), IsEmpty());
  EXPECT_THAT(Names(with([](auto& i) { i.includes->managed_by = "CLOUDFRONT"; })), IsEmpty());
  EXPECT_THAT(Names(with([](auto& i) { i.certificate_key_pair_origins = {{"AWS_MANAGED"}}; })), IsEmpty());
  EXPECT_EQ(Names(with([](auto& i) { i.certificate_key_pair_origins = {{"CUSTOMER_PROVIDED"}}; })).size(), 2u);
}

TEST_F(ListCertificatesTest, GoesThroughAllPagesInBothOrders) {
  std::vector<std::string> arns;
  // More than one batch of rows, two of each with the same time.
  for (int i = 0; i < 130; ++i) {
    if (i % 2 == 0) gateway.facts.now = gateway.facts.now + std::chrono::seconds(1);
    auto output = Import(RequestFor("p256"));
    ASSERT_TRUE(output);
    arns.push_back(*output->certificate_arn);
  }
  for (int i = 0; i < 130; i += 2) std::sort(arns.begin() + i, arns.begin() + i + 2);
  for (const bool descending : {false, true}) {
    ListCertificatesRequest input = AllKeys();
    input.max_items = 13;
    if (descending) {
      input.sort_by = "CREATED_AT";
      input.sort_order = "DESCENDING";
      std::reverse(arns.begin(), arns.end());
    }
    std::vector<std::string> seen;
    int pages = 0;
    do {
      auto output = List(input);
      ASSERT_TRUE(output) << output.error().message;
      for (const auto& summary : *output->certificate_summary_list) seen.push_back(*summary.certificate_arn);
      input.next_token = output->next_token;
      ++pages;
    } while (input.next_token);
    EXPECT_EQ(seen, arns);
    EXPECT_EQ(pages, 10);
  }
}

TEST_F(ListCertificatesTest, RefusesTokensThatItDidNotMakeAndHalfASort) {
  MustImport("p256");
  for (const std::string& token : {std::string("x"), EncodeBase64("A"), EncodeBase64("Ax:" + std::string(kUnknownArn)),
                                   EncodeBase64("A12:no arn"), EncodeBase64("D12:" + std::string(kUnknownArn))}) {
    ListCertificatesRequest input;
    input.next_token = token;
    EXPECT_EQ(NameOfError(List(input)), "ValidationException") << token;
  }
  ListCertificatesRequest by;
  by.sort_by = "CREATED_AT";
  EXPECT_EQ(NameOfError(List(by)), "InvalidArgsException");
  ListCertificatesRequest order;
  order.sort_order = "ASCENDING";
  EXPECT_EQ(NameOfError(List(order)), "InvalidArgsException");
}

TEST_F(ListCertificatesTest, ShowsNothingOfOtherAccountsAndRegions) {
  MustImport("rsa2048");
  gateway.facts.region = Region("eu-central-1");
  EXPECT_THAT(Names({}), IsEmpty());
  gateway.facts.region = Region("us-east-1");
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_THAT(Names({}), IsEmpty());
}

}  // namespace
}  // namespace firmsign::acm
