// SPDX-License-Identifier: Apache-2.0
//
// The vectors were made by tests/vectors/signing/make.sh with the openssl command.

#include "engine/signing/sign.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/signing/testing/memory_image.h"
#include "platform/crypto/testing/vectors.h"

namespace firmsign::signing {
namespace {

using crypto::DigestOf;
using crypto::Hash;
using crypto::Vector;

struct Signer {
  std::shared_ptr<const keys::SigningKey> key;
  crypto::PublicKey certificate_key;
};

Signer Load(const std::string& name) {
  auto key = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/" + name + ".key.pem"));
  auto half = key->Public();
  return {.key = keys::MakeSoftwareKey(*std::move(key)), .certificate_key = *std::move(half)};
}

const Recipe kDetached = RecipeFor("AWSIoTDeviceManagement-SHA256-ECDSA");
const Recipe kEmbedded = RecipeFor("AmazonFreeRTOS-Default");
const Recipe kRsa = RecipeFor("AmazonFreeRTOS-Default", "RSA");
const Recipe kTi = RecipeFor("AmazonFreeRTOS-TI-CC3220SF");

Expected<Signature> Sign(const Recipe& recipe, Image& image, const std::string& key_name) {
  const Signer signer = Load(key_name);
  return SignImage(recipe, image, *signer.key, signer.certificate_key);
}

TEST(SignImage, WithRsaIsWhatOpensslSigns) {
  MemoryImage image(Vector("signing/image.bin"));
  auto signature = Sign(kRsa, image, "rsa2048");
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->bytes, Vector("signing/rsa2048.sha256.sig"));
  EXPECT_EQ(signature->payload_size, 300'001u);
  EXPECT_EQ(signature->prefix, "");
  EXPECT_EQ(signature->computed_sha256, DigestOf(Hash::kSha256, image.bytes));
}

TEST(SignImage, ForTheCc3220sfSignsTheBootFile) {
  MemoryImage image(Vector("signing/image.bin"));
  auto signature = Sign(kTi, image, "rsa2048");
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->bytes, Vector("signing/rsa2048.cc3220sf.sig"));
  EXPECT_EQ(signature->payload_size, 300'021u);
  EXPECT_EQ(signature->prefix, DigestOf(Hash::kSha1, image.bytes));
  EXPECT_EQ(signature->computed_sha256, DigestOf(Hash::kSha256, image.bytes));
}

TEST(SignImage, WithEcdsaVerifiesOnEveryCurve) {
  MemoryImage image(Vector("signing/image.bin"));
  for (const char* name : {"p256", "p384", "p521"}) {
    auto signature = Sign(kDetached, image, name);
    ASSERT_TRUE(signature) << name;
    EXPECT_TRUE(
        Load(name).certificate_key.VerifyDigest(Hash::kSha256, DigestOf(Hash::kSha256, image.bytes), signature->bytes));
  }
}

TEST(SignImage, DoesNotReadAnImageWhoseDigestIsStored) {
  MemoryImage image("firmware");
  image.stored = DigestOf(Hash::kSha256, image.bytes);
  auto signature = Sign(kDetached, image, "p256");
  ASSERT_TRUE(signature);
  EXPECT_EQ(image.reads, 0);
  EXPECT_EQ(signature->signed_digest, *image.stored);
  EXPECT_EQ(signature->payload_size, 8u);
  EXPECT_EQ(signature->computed_sha256, std::nullopt);
}

TEST(SignImage, GivesTheSameWithAndWithoutTheStoredDigestAndWithShortReads) {
  MemoryImage plain(Vector("signing/image.bin"));
  MemoryImage stored(plain.bytes);
  stored.stored = DigestOf(Hash::kSha256, plain.bytes);
  MemoryImage slow(plain.bytes);
  slow.piece_max = 1013;
  const std::string expected = Vector("signing/rsa2048.sha256.sig");
  for (MemoryImage* image : {&plain, &stored, &slow}) EXPECT_EQ(Sign(kRsa, *image, "rsa2048")->bytes, expected);
}

TEST(SignImage, RefusesAKeyOfTheWrongKindInTheWordsOfAws) {
  MemoryImage image("firmware");
  const struct {
    const Recipe& recipe;
    const char* key;
    const char* message;
  } cases[] = {{kDetached, "rsa2048", "can't identify EC private key."},
               {kEmbedded, "rsa2048", "can't identify EC private key."},
               {kEmbedded, "ed25519", "can't identify EC private key."},
               {kEmbedded, "k256", "can't identify EC private key."},
               {kRsa, "p256", "can't identify RSA private key."},
               {kTi, "p256", "can't identify RSA private key."},
               {kRsa, "rsa1024", "RSA keys of 1024 bits are too short to sign with: use one of 2048 or more."},
               {kTi, "rsa1024", "this platform takes RSA keys of 2048 bits only."}};
  for (const auto& c : cases) {
    auto signature = Sign(c.recipe, image, c.key);
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().code, Code::kInvalid);
    EXPECT_EQ(signature.error().message, c.message);
  }
  EXPECT_EQ(image.reads, 0);
}

TEST(SignImage, TakesAnImageOfExactlyTheLimitAndNoByteMore) {
  MemoryImage image("");
  image.stored = DigestOf(Hash::kSha256, "");
  image.stated_size = 16ull * 1024 * 1024;
  EXPECT_TRUE(Sign(kEmbedded, image, "p256"));
  image.stated_size = 16ull * 1024 * 1024 + 1;
  auto signature = Sign(kEmbedded, image, "p256");
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, Code::kInvalid);
  EXPECT_EQ(signature.error().message,
            "the image has 16777217 bytes, more than the 16 MB that platform AmazonFreeRTOS-Default allows");
  image.stated_size = 2048ull * 1024 * 1024;
  EXPECT_TRUE(Sign(kDetached, image, "p256"));
}

TEST(SignImage, DoesNotReleaseASignatureThatTheCertificateDoesNotVerify) {
  MemoryImage image("firmware");
  auto signature = SignImage(kDetached, image, *Load("p256").key, Load("other-p256").certificate_key);
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, Code::kInternal);
}

TEST(SignImage, NoticesAnImageThatIsNotWhatWasStored) {
  MemoryImage longer("firmware");
  longer.stated_size = 7;
  EXPECT_EQ(Sign(kEmbedded, longer, "p256").error().code, Code::kCorrupt);
  MemoryImage shorter("firmware");
  shorter.stated_size = 9;
  EXPECT_EQ(Sign(kEmbedded, shorter, "p256").error().code, Code::kCorrupt);
  MemoryImage other("firmware");
  other.stored = DigestOf(Hash::kSha256, "Firmware");
  EXPECT_EQ(Sign(kTi, other, "rsa2048").error().code, Code::kCorrupt);
}

TEST(SignImage, PassesOnThatTheImageCannotBeRead) {
  MemoryImage image(Vector("signing/image.bin"));
  image.fails_at = 1;
  EXPECT_EQ(Sign(kEmbedded, image, "p256").error().code, Code::kUnavailable);
}

// A key that signs something else: a broken token, or flipped memory.
class LyingKey final : public keys::SigningKey {
 public:
  explicit LyingKey(std::shared_ptr<const keys::SigningKey> key) : key_(std::move(key)) {}
  crypto::KeyKind kind() const override { return key_->kind(); }
  Expected<std::string> SignDigest(Hash hash, std::string_view) const override {
    return key_->SignDigest(hash, DigestOf(hash, "another image"));
  }

 private:
  std::shared_ptr<const keys::SigningKey> key_;
};

TEST(SignImage, ChecksWhatTheKeyReallySigned) {
  MemoryImage image("firmware");
  const Signer signer = Load("p256");
  EXPECT_EQ(SignImage(kDetached, image, LyingKey(signer.key), signer.certificate_key).error().code, Code::kInternal);
}

}  // namespace
}  // namespace firmsign::signing
