// SPDX-License-Identifier: Apache-2.0
//
// What AWS's own over-the-air update tests accept and refuse, from the vectors that lie beside the repository: keys,
// certificates, an 84-byte image whose first 20 bytes are the SHA-1 of the others, and signatures over it.

#include <gtest/gtest.h>

#include <string>

#include "engine/signing/sign.h"
#include "engine/signing/testing/memory_image.h"
#include "platform/crypto/testing/vectors.h"

namespace firmsign::signing {
namespace {

class OtaVectors : public testing::Test {
 protected:
  void SetUp() override {
    if (!crypto::SharedVector("ota/dummy.bin")) GTEST_SKIP() << "../shared/vectors/ota is not there";
  }

  static std::string Bytes(const std::string& name) {
    auto bytes = crypto::SharedVector("ota/" + name);
    CHECK(bytes.has_value());
    return *std::move(bytes);
  }

  static Expected<Signature> Sign(std::string_view platform, std::string_view encryption, std::string bytes,
                                  const std::string& signer) {
    MemoryImage image(std::move(bytes));
    ASSIGN_OR_RETURN(const Recipe recipe, MakeRecipe(*FindPlatform(platform), encryption, "", ""));
    ASSIGN_OR_RETURN(auto key, crypto::PrivateKey::FromPem(SecretBytes(Bytes(signer + ".key.pem"))));
    ASSIGN_OR_RETURN(auto certificate, crypto::Certificate::FromPem(Bytes(signer + ".crt.pem")));
    return SignImage(recipe, image, *keys::MakeSoftwareKey(std::move(key)), certificate.public_key());
  }

  static Expected<void> Verify(const std::string& algorithm, const std::string& bytes, std::uint64_t size,
                               const std::string& signature, const std::string& signer) {
    MemoryImage image(bytes);
    ASSIGN_OR_RETURN(const auto key, crypto::PublicKey::FromPem(Bytes(signer + ".crt.pem")));
    return VerifySignedObject({.raw_payload_size = size,
                               .signature = Bytes(signature),
                               .algorithm_name = algorithm,
                               .location = SourceLocation()},
                              image, key);
  }
};

TEST_F(OtaVectors, TheCc3220sfSignatureIsReproducedByteForByte) {
  const std::string boot_file = Bytes("dummy.bin");
  auto signature = Sign("AmazonFreeRTOS-TI-CC3220SF", "", boot_file.substr(20), "rsa-sha1-signer");
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->bytes, Bytes("sha1.ucValidSignature"));
  EXPECT_EQ(signature->prefix, boot_file.substr(0, 20));
  EXPECT_EQ(signature->payload_size, boot_file.size());
  EXPECT_TRUE(Verify("SHA1withRSA", boot_file.substr(20), 84, "sha1.ucValidSignature", "rsa-sha1-signer"));
  EXPECT_FALSE(Verify("SHA1withRSA", boot_file.substr(20), 84, "sha1.ucInvalidSignature", "rsa-sha1-signer"));
}

TEST_F(OtaVectors, TheRsaSignatureIsReproducedByteForByte) {
  const std::string image = Bytes("dummy.bin");
  auto signature = Sign("AmazonFreeRTOS-Default", "RSA", image, "rsa-sha256-signer");
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->bytes, Bytes("sha256.ucValidSignature"));
  EXPECT_TRUE(Verify("SHA256withRSA", image, 84, "sha256.ucValidSignature", "rsa-sha256-signer"));
  EXPECT_FALSE(Verify("SHA256withRSA", image, 84, "sha256.ucInvalidSignature", "rsa-sha256-signer"));
}

TEST_F(OtaVectors, TheEcdsaSignatureVerifiesAndItsFalseTwinDoesNot) {
  const std::string image = Bytes("dummy.bin");
  auto verified = Verify("SHA256withECDSA", image, 84, "ecdsa.ucValidSignature", "ecdsa-sha256-signer");
  EXPECT_TRUE(verified) << verified.error().message;
  EXPECT_FALSE(Verify("SHA256withECDSA", image, 84, "ecdsa.ucInvalidSignature", "ecdsa-sha256-signer"));
  EXPECT_TRUE(Sign("AmazonFreeRTOS-Default", "", image, "ecdsa-sha256-signer"));
}

TEST_F(OtaVectors, TheDummyRootSignedTheCc3220sfCertificate) {
  auto signer = crypto::Certificate::FromPem(Bytes("rsa-sha1-signer.crt.pem"));
  auto root = crypto::Certificate::FromPem(Bytes("rsa-sha1-root-ca-cert.pem"));
  ASSERT_TRUE(signer && root);
  EXPECT_TRUE(signer->IsSignedBy(*root));
}

}  // namespace
}  // namespace firmsign::signing
