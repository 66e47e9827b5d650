// SPDX-License-Identifier: Apache-2.0

#include "services/signer/certificate_advice.h"

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

crypto::Certificate Load(const std::string& vector) {
  return *crypto::Certificate::FromPem(crypto::Vector("crypto/" + vector + ".crt.pem"));
}

std::vector<std::string> Advice(const std::string& vector, Duration after_its_begin,
                                const std::string& encryption = "") {
  const crypto::Certificate certificate = Load(vector);
  const auto recipe = signing::MakeRecipe(*signing::FindPlatform(kFreeRtos), encryption, "", "");
  CHECK(recipe.has_value());
  constexpr std::int64_t kDaysMin = 30;
  return AdviseAgainst(certificate, *recipe, certificate.info().not_before + after_its_begin, kDaysMin);
}

constexpr Duration kDay = std::chrono::hours(24);

TEST(CertificateAdvice, HasNothingAgainstACertificateForCodeSigning) {
  EXPECT_THAT(Advice("p256", Duration(0)), IsEmpty());
  EXPECT_THAT(Advice("rsa2048", kDay, "RSA"), IsEmpty());
}

TEST(CertificateAdvice, NamesEachFault) {
  EXPECT_THAT(Advice("p256-no-purpose", kDay), ElementsAre("its extended key usage does not include Code Signing"));
  EXPECT_THAT(Advice("plain", kDay, "RSA"), ElementsAre("its key usage does not include Digital Signature",
                                                        "its extended key usage does not include Code Signing"));
  EXPECT_THAT(Advice("p256", kDay, "RSA"),
              ElementsAre("its key does not sign for AmazonFreeRTOS-Default (can't identify RSA private key)"));
  EXPECT_THAT(Advice("rsa2048", kDay), ElementsAre(HasSubstr("can't identify EC private key")));
}

TEST(CertificateAdvice, LooksAtTheDays) {
  const crypto::CertificateInfo info = Load("p256").info();
  const Duration all = info.not_after - info.not_before;
  EXPECT_THAT(Advice("p256", Duration(-1)), ElementsAre("it is not valid before 2026-11-23T10:50:59Z"));
  EXPECT_THAT(Advice("p256", all - 30 * kDay), IsEmpty());
  EXPECT_THAT(Advice("p256", all - 30 * kDay + Duration(1)), ElementsAre("it expires at 2126-10-30T10:50:59Z"));
  EXPECT_THAT(Advice("p256", all), ElementsAre("it expires at 2126-10-30T10:50:59Z"));
  EXPECT_THAT(Advice("p256", all + Duration(1)), ElementsAre("it expired at 2126-10-30T10:50:59Z"));
}

class AdvisedProfile : public SignerTest {
 protected:
  AdvisedProfile() {
    certificates.Add(kAccount, kHome, kPlainArn, Load("p256-no-purpose"),
                     (*certificates.Find(kAccount, kHome, kEcArn))->key);
    AddCertificate(kShortArn, "rsa1024");
    gateway.facts.now = Load("p256").info().not_before + kDay;
  }
  std::string PutWith(const std::string& arn) {
    PutSigningProfileRequest request = ProfileRequest("release");
    request.signing_material = SigningMaterial{.certificate_arn = arn};
    const auto put = Put(std::move(request));
    return put ? "made" : put.error().message;
  }

  const std::string kPlainArn = "arn:aws:acm:us-east-1:111122223333:certificate/plain";
  const std::string kShortArn = "arn:aws:acm:us-east-1:111122223333:certificate/rsa1024";
};

TEST_F(AdvisedProfile, IsMadeUnlessTheOptionsRefuseAndTellsTheAdvice) {
  EXPECT_EQ(PutWith(kPlainArn), "made");
  EXPECT_EQ(Get({.profile_name = "release"})->status_reason,
            "The certificate should not sign: its extended key usage does not include Code Signing.");
}

TEST_F(AdvisedProfile, TellsNothingOfAGoodCertificate) {
  EXPECT_EQ(PutWith(kEcArn), "made");
  EXPECT_EQ(Get({.profile_name = "release"})->status_reason, std::nullopt);
}

TEST_F(AdvisedProfile, IsRefusedWithEveryFault) {
  service.options.certificate_advice = CertificateAdvice::kRefuse;
  EXPECT_EQ(PutWith(kPlainArn),
            "The certificate " + kPlainArn + " is refused: its extended key usage does not include Code Signing.");
  EXPECT_THAT(PutWith(kRsaArn), HasSubstr("can't identify EC private key"));
  EXPECT_EQ(gateway.records, 0);
  StartSigningJobRequest direct = JobRequest("", "t1");
  direct.profile_name.reset();
  direct.platform = kFreeRtos;
  direct.signing_material = SigningMaterial{.certificate_arn = kPlainArn};
  EXPECT_THAT(Start(std::move(direct)).error().message, HasSubstr("is refused"));
  EXPECT_EQ(PutWith(kEcArn), "made");
}

TEST_F(AdvisedProfile, IsNeverMadeWithAShortKey) {
  service.options.certificate_advice = CertificateAdvice::kOff;
  EXPECT_EQ(PutWith(kShortArn), "RSA keys of 1024 bits are too short to sign with: use one of 2048 or more.");
}

}  // namespace
}  // namespace firmsign::signer
