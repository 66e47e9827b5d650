// SPDX-License-Identifier: Apache-2.0

#include "services/acm/certificates.h"

#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

class CertificatesTest : public AcmTest {
 protected:
  const AccountId account{"111122223333"};
  const Region region{"us-east-1"};
};

TEST_F(CertificatesTest, AreParsedOnceAndShared) {
  const std::string arn = MustImport("p256");
  const auto first = certificates.Find(account, region, arn);
  const auto second = certificates.Find(account, region, arn);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
}

TEST_F(CertificatesTest, OfOthersAreAbsentAlsoWhenTheyAreInTheCache) {
  const std::string arn = MustImport("p256");
  ASSERT_TRUE(certificates.Find(account, region, arn));
  EXPECT_EQ(certificates.Find(AccountId("444455556666"), region, arn).error().code, Code::kNotFound);
  EXPECT_EQ(certificates.Find(account, Region("eu-central-1"), arn).error().code, Code::kNotFound);
  EXPECT_EQ(certificates.Find(account, region, kUnknownArn).error().code, Code::kNotFound);
}

TEST_F(CertificatesTest, KeepNoMoreThanTheirNumberAndDropTheOneUsedLongestAgo) {
  Certificates small(store, *keyring, tokens, {.entries_max = 2});
  const std::string a = MustImport("p256");
  const std::string b = MustImport("p384");
  const std::string c = MustImport("p521");
  const auto first_a = *small.Find(account, region, a);
  const auto first_b = *small.Find(account, region, b);
  EXPECT_EQ(*small.Find(account, region, a), first_a);
  ASSERT_TRUE(small.Find(account, region, c));
  EXPECT_EQ(*small.Find(account, region, a), first_a);
  EXPECT_NE(*small.Find(account, region, b), first_b);
}

TEST_F(CertificatesTest, AreReadAgainOnceTheyAreForgotten) {
  const std::string arn = MustImport("p256");
  const auto before = *certificates.Find(account, region, arn);
  certificates.Forget(arn);
  const auto after = *certificates.Find(account, region, arn);
  EXPECT_NE(before, after);
  EXPECT_EQ(before->certificate.FingerprintSha256(), after->certificate.FingerprintSha256());
}

TEST_F(CertificatesTest, CatchUpWithWhatAnotherNodeChanged) {
  const std::string arn = MustImport("p256");
  Certificates other(store, *keyring, tokens, {.is_shared = true});
  ASSERT_TRUE(other.CatchUp());
  const auto first = other.Find(account, region, arn);
  ASSERT_TRUE(first);
  ASSERT_TRUE(other.CatchUp());
  EXPECT_EQ(*other.Find(account, region, arn), *first) << "nothing changed: it is kept";
  ImportCertificateRequest again = RequestFor("p256");
  again.certificate_arn = arn;
  ASSERT_TRUE(Import(std::move(again)));
  EXPECT_EQ(*other.Find(account, region, arn), *first) << "it has not heard of it";
  ASSERT_TRUE(other.CatchUp());
  const auto second = other.Find(account, region, arn);
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *first);
  ASSERT_TRUE((Call<ops::DeleteCertificate, &DeleteCertificate>({.certificate_arn = arn})));
  ASSERT_TRUE(other.CatchUp());
  EXPECT_EQ(other.Find(account, region, arn).error().code, Code::kNotFound);
}

TEST_F(CertificatesTest, DoNotOpenWithAKeyThatWasMovedFromAnotherRow) {
  const std::string a = MustImport("p256");
  const std::string b = MustImport("p384");
  ASSERT_TRUE(database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(
        transaction.Execute("UPDATE acm_certificates SET sealed_key = "
                            "(SELECT sealed_key FROM acm_certificates WHERE arn = $1) WHERE arn = $2",
                            a, b));
    return {};
  }));
  EXPECT_EQ(certificates.Find(account, region, b).error().code, Code::kCorrupt);
  EXPECT_TRUE(certificates.Find(account, region, a));
}

TEST_F(CertificatesTest, DoNotOpenUnderAnotherDataKey) {
  const std::string arn = MustImport("p256");
  const auto other = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  Certificates elsewhere(store, *other, tokens);
  EXPECT_EQ(elsewhere.Find(account, region, arn).error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace firmsign::acm
