// SPDX-License-Identifier: Apache-2.0
//
// The vectors were made by tests/vectors/cms/make.sh with the openssl command.

#include "platform/crypto/certificate_chain.h"

#include <gtest/gtest.h>

#include <string>

#include "platform/crypto/testing/vectors.h"

namespace firmsign::crypto {
namespace {

Certificate LoadCertificate(const std::string& name) {
  return *Certificate::FromPem(Vector("cms/" + name + ".crt.pem"));
}

class VerifyChain : public testing::Test {
 protected:
  const Certificate root = LoadCertificate("root");
  const Certificate issuer = LoadCertificate("issuer");
  const Certificate leaf = LoadCertificate("leaf");
  const std::vector<Certificate> all = {root, leaf, issuer};
  const Instant now = leaf.info().not_before + std::chrono::hours(1);
};

TEST_F(VerifyChain, FindsTheChainThroughCertificatesInAnyOrder) {
  auto chain = VerifyCodeSigningChain(leaf, all, root, now);
  ASSERT_TRUE(chain) << chain.error().message;
  ASSERT_EQ(chain->size(), 3u);
  EXPECT_EQ((*chain)[0].ToDer(), leaf.ToDer());
  EXPECT_EQ((*chain)[1].ToDer(), issuer.ToDer());
  EXPECT_EQ((*chain)[2].ToDer(), root.ToDer());
}

TEST_F(VerifyChain, RefusesAnotherRootOfTheSameName) {
  EXPECT_EQ(VerifyCodeSigningChain(leaf, all, LoadCertificate("other-root"), now).error().code, Code::kInvalid);
}

TEST_F(VerifyChain, DoesNotTakeARootFromWhatItWasGiven) {
  const std::vector<Certificate> others = {issuer, root};
  EXPECT_FALSE(VerifyCodeSigningChain(leaf, others, LoadCertificate("other-root"), now));
}

TEST_F(VerifyChain, NeedsEveryCertificateBetween) {
  auto chain = VerifyCodeSigningChain(leaf, {}, root, now);
  ASSERT_FALSE(chain);
  EXPECT_EQ(chain.error().message,
            "the certificate chain is not to be trusted: unable to get local issuer certificate");
}

TEST_F(VerifyChain, LooksAtTheTimeThatItIsGiven) {
  EXPECT_TRUE(VerifyCodeSigningChain(leaf, all, root, root.info().not_after - std::chrono::seconds(1)));
  EXPECT_FALSE(VerifyCodeSigningChain(leaf, all, root, root.info().not_before - std::chrono::hours(1)));
  EXPECT_FALSE(VerifyCodeSigningChain(leaf, all, root, leaf.info().not_after + std::chrono::hours(24)));
}

TEST_F(VerifyChain, RefusesALeafThatIsNotForCode) {
  EXPECT_EQ(VerifyCodeSigningChain(LoadCertificate("server"), all, root, now).error().message,
            "the certificate that signed is not for signing code: CN=Test Server,O=Example");
  EXPECT_EQ(VerifyCodeSigningChain(issuer, all, root, now).error().message,
            "the certificate that signed is an authority's: CN=Test Issuer,O=Example");
}

TEST_F(VerifyChain, RefusesARootThatIsNoAuthority) {
  EXPECT_EQ(VerifyCodeSigningChain(leaf, all, leaf, now).error().message,
            "the root is no authority: CN=Test Leaf,O=Example");
}

}  // namespace
}  // namespace firmsign::crypto
