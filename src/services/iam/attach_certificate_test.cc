// SPDX-License-Identifier: Apache-2.0

#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

class AttachCertificateTest : public OperationTest {
 protected:
  auto Attach(operator_api::AttachCertificateRequest request) {
    return gateway.Call<operator_api::ops::AttachCertificate, nullptr, &AttachCertificate>(service, std::move(request));
  }
  auto Attach(const Error* failure = nullptr) {
    if (failure != nullptr) token_certificates.failure = *failure;
    return Attach({.certificate = "PEM", .token = "hsm", .key_label = "boot"});
  }
};

TEST_F(AttachCertificateTest, PassesOnWhatTheOperatorSaid) {
  const auto output = Attach();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->certificate_arn, "arn:aws:acm:us-east-1:111122223333:certificate/attached");
  ASSERT_EQ(token_certificates.requests.size(), 1u);
  const ports::TokenCertificate& request = token_certificates.requests.front();
  EXPECT_EQ(request.account, gateway.facts.account());
  EXPECT_EQ(request.region, gateway.facts.region);
  EXPECT_EQ(request.replaces, "");
  EXPECT_EQ(request.certificate_pem, "PEM");
  EXPECT_EQ(request.chain_pem, std::nullopt);
  EXPECT_EQ(request.token, "hsm");
  EXPECT_EQ(request.key_id, "");
  EXPECT_EQ(request.key_label, "boot");
  EXPECT_EQ(request.now, gateway.facts.now);
}

TEST_F(AttachCertificateTest, GoesToTheRegionThatIsNamedOrToThatOfTheCertificateBefore) {
  const std::string arn = "arn:aws:acm:eu-west-1:111122223333:certificate/c7a8b9d0-1234-4321-8765-0123456789ab";
  ASSERT_TRUE(Attach({.certificate = "PEM", .token = "hsm", .region = "ap-south-1"}));
  ASSERT_TRUE(Attach({.certificate = "PEM", .token = "hsm", .certificate_arn = arn}));
  ASSERT_TRUE(Attach({.certificate = "PEM", .token = "hsm", .certificate_arn = arn, .region = "ap-south-1"}));
  ASSERT_EQ(token_certificates.requests.size(), 3u);
  EXPECT_EQ(token_certificates.requests[0].region.str(), "ap-south-1");
  EXPECT_EQ(token_certificates.requests[1].region.str(), "eu-west-1");
  EXPECT_EQ(token_certificates.requests[1].replaces, arn);
  EXPECT_EQ(token_certificates.requests[2].region.str(), "ap-south-1");
  const auto refused = Attach({.certificate = "PEM", .token = "hsm", .region = "-"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "There is no region of that name.");
}

TEST_F(AttachCertificateTest, TellsTheOperatorWhatIsWrongWithTheToken) {
  const Error wrong{.code = Code::kInvalid, .message = "what is wrong"};
  const auto refused = Attach(&wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().shape, &operator_api::errors::ValidationException::kShape);
  EXPECT_EQ(refused.error().message, "what is wrong");
  const Error failure{.code = Code::kInternal, .message = "a secret of ours"};
  const auto failed = Attach(&failure);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().origin, aws::ErrorOrigin::kInternal);
  EXPECT_NE(failed.error().message, "a secret of ours");
}

}  // namespace
}  // namespace firmsign::iam
