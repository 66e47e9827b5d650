// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "engine/signing/sign.h"
#include "engine/signing/testing/memory_image.h"
#include "platform/crypto/testing/vectors.h"

namespace firmsign::signing {
namespace {

using crypto::Vector;

const SourceLocation kSource{.bucket = "images", .key = "path/to \"fw\".bin", .version = "3sL4kqtJlcpXroDTDmJ"};

crypto::PublicKey PublicKeyOf(const std::string& name) {
  return *crypto::PublicKey::FromPem(Vector("crypto/" + name + ".crt.pem"));
}

Signature SignedBy(const Recipe& recipe, Image& image, const std::string& key_name) {
  auto key = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/" + key_name + ".key.pem"));
  return *SignImage(recipe, image, *keys::MakeSoftwareKey(*std::move(key)), PublicKeyOf(key_name));
}

Expected<std::string> Write(const Recipe& recipe, const Signature& signature, Image& image) {
  std::string out;
  RETURN_IF_ERROR(WriteSignedObject(recipe, signature, image, kSource, [&](std::string_view piece) -> Expected<void> {
    out.append(piece);
    return {};
  }));
  return out;
}

struct Form {
  const char* platform;
  const char* encryption;
  const char* format;
  const char* key;
};
const Form kForms[] = {
    {"AWSIoTDeviceManagement-SHA256-ECDSA", "", "", "p256"},
    {"AWSIoTDeviceManagement-SHA256-ECDSA", "", "JSONEmbedded", "p384"},
    {"AmazonFreeRTOS-Default", "", "", "p256"},
    {"AmazonFreeRTOS-Default", "RSA", "", "rsa2048"},
    {"AmazonFreeRTOS-Default", "RSA", "JSONDetached", "rsa2048"},
    {"AmazonFreeRTOS-TI-CC3220SF", "", "", "rsa2048"},
    {"AmazonFreeRTOS-TI-CC3220SF", "", "JSONDetached", "rsa2048"},
};

TEST(SignedObject, DetachedHasTheMembersOfTheRealSampleInTheirOrder) {
  MemoryImage image("firmware");
  const Recipe recipe = RecipeFor("AWSIoTDeviceManagement-SHA256-ECDSA");
  const Signature signature = SignedBy(recipe, image, "p256");
  EXPECT_EQ(*Write(recipe, signature, image),
            R"({"rawPayloadSize":8,"signature":")" + EncodeBase64(signature.bytes) +
                R"(","signatureAlgorithm":"SHA256withECDSA","payloadLocation":{"s3":{"bucketName":"images",)"
                R"("key":"path/to \"fw\".bin","version":"3sL4kqtJlcpXroDTDmJ"}}})");
}

TEST(SignedObject, EmbeddedHasTheMembersOfTheRealSampleInTheirOrder) {
  MemoryImage image("firmware");
  const Recipe recipe = RecipeFor("AmazonFreeRTOS-Default");
  const Signature signature = SignedBy(recipe, image, "p256");
  EXPECT_EQ(*Write(recipe, signature, image),
            R"({"rawPayloadSize":8,"signature":")" + EncodeBase64(signature.bytes) +
                R"(","signatureAlgorithm":"SHA256withECDSA","payload":"ZmlybXdhcmU="})");
}

TEST(SignedObject, ForTheCc3220sfCarriesTheBootFile) {
  MemoryImage image("firmware");
  const Recipe recipe = RecipeFor("AmazonFreeRTOS-TI-CC3220SF");
  const Signature signature = SignedBy(recipe, image, "rsa2048");
  auto object = ParseSignedObject(*Write(recipe, signature, image));
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->algorithm_name, "SHA1withRSA");
  EXPECT_EQ(object->raw_payload_size, 28u);
  EXPECT_EQ(object->payload, crypto::DigestOf(crypto::Hash::kSha1, "firmware") + "firmware");
}

TEST(SignedObject, HasExactlyTheAnnouncedLengthAndVerifiesInEveryForm) {
  for (const std::size_t size : {0u, 1u, 2u, 3u, 262'143u, 262'144u, 300'001u}) {
    MemoryImage image(std::string(size, 'i'));
    image.piece_max = 100'003;
    for (const Form& form : kForms) {
      const Recipe recipe = RecipeFor(form.platform, form.encryption, form.format);
      const Signature signature = SignedBy(recipe, image, form.key);
      auto bytes = Write(recipe, signature, image);
      ASSERT_TRUE(bytes) << bytes.error().message;
      EXPECT_EQ(bytes->size(), SignedObjectBytes(recipe, signature, kSource)) << form.platform << size;
      auto object = ParseSignedObject(*bytes);
      ASSERT_TRUE(object) << object.error().message;
      EXPECT_EQ(object->signature, signature.bytes);
      EXPECT_EQ(object->location.has_value(), recipe.format == ImageFormat::kJsonDetached);
      if (object->location) {
        EXPECT_EQ(object->location->bucket, kSource.bucket);
        EXPECT_EQ(object->location->key, kSource.key);
        EXPECT_EQ(object->location->version, kSource.version);
      }
      auto verified = VerifySignedObject(*object, image, PublicKeyOf(form.key));
      EXPECT_TRUE(verified) << form.platform << size << verified.error().message;
    }
  }
}

TEST(SignedObject, FailsWithAnyChangedImageOrAnotherKey) {
  for (const Form& form : kForms) {
    const Recipe recipe = RecipeFor(form.platform, form.encryption, form.format);
    MemoryImage image("some firmware");
    const Signature signature = SignedBy(recipe, image, form.key);
    auto object = ParseSignedObject(*Write(recipe, signature, image));
    ASSERT_TRUE(object);
    for (std::size_t bit = 0; bit < image.bytes.size() * 8; ++bit) {
      MemoryImage changed(image.bytes);
      changed.bytes[bit / 8] = static_cast<char>(changed.bytes[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_EQ(VerifySignedObject(*object, changed, PublicKeyOf(form.key)).error().code, Code::kInvalid) << bit;
    }
    MemoryImage longer(image.bytes + "x");
    EXPECT_EQ(VerifySignedObject(*object, longer, PublicKeyOf(form.key)).error().code, Code::kInvalid);
    const char* other = std::string_view(form.key) == "rsa2048" ? "rsa1024" : "p521";
    EXPECT_EQ(VerifySignedObject(*object, image, PublicKeyOf(other)).error().code, Code::kInvalid);
    const char* other_kind = std::string_view(form.key) == "rsa2048" ? "p256" : "rsa2048";
    EXPECT_EQ(VerifySignedObject(*object, image, PublicKeyOf(other_kind)).error().code, Code::kInvalid);
  }
}

TEST(SignedObject, WithAnotherPayloadThanTheImageIsRefusedThoughTheSignatureIsGood) {
  MemoryImage image("firmware");
  const Recipe recipe = RecipeFor("AmazonFreeRTOS-Default");
  auto object = ParseSignedObject(*Write(recipe, SignedBy(recipe, image, "p256"), image));
  ASSERT_TRUE(object);
  object->payload = "Firmware";
  auto verified = VerifySignedObject(*object, image, PublicKeyOf("p256"));
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().message, "the payload is not the image");
}

TEST(VerifySignedObject, AcceptsWhatOpensslSigned) {
  MemoryImage image(Vector("signing/image.bin"));
  ParsedSignedObject object{.raw_payload_size = image.size(),
                            .signature = Vector("signing/p256.sha256.sig"),
                            .algorithm_name = "SHA256withECDSA",
                            .location = kSource};
  auto verified = VerifySignedObject(object, image, PublicKeyOf("p256"));
  EXPECT_TRUE(verified) << verified.error().message;
  object.algorithm_name = "SHA1withECDSA";
  EXPECT_FALSE(VerifySignedObject(object, image, PublicKeyOf("p256")));
  object.algorithm_name = "MD5withRSA";
  EXPECT_EQ(VerifySignedObject(object, image, PublicKeyOf("p256")).error().message,
            "signatureAlgorithm MD5withRSA is not known");
}

TEST(WriteSignedObject, NoticesThatTheImageIsNotWhatWasSigned) {
  for (const Form& form : kForms) {
    const Recipe recipe = RecipeFor(form.platform, form.encryption, form.format);
    if (recipe.format != ImageFormat::kJsonEmbedded) continue;
    MemoryImage image("firmware");
    const Signature signature = SignedBy(recipe, image, form.key);
    for (const char* other : {"Firmware", "firmware ", "firmwar", ""}) {
      MemoryImage changed(other);
      EXPECT_EQ(Write(recipe, signature, changed).error().code, Code::kCorrupt) << form.platform << other;
    }
    image.fails_at = 0;
    EXPECT_EQ(Write(recipe, signature, image).error().code, Code::kUnavailable);
  }
}

// The stored digest is believed when signing, so a wrong one must be found when the bytes go out.
TEST(WriteSignedObject, NoticesThatTheStoredDigestWasWrong) {
  MemoryImage image("firmware");
  image.stored = crypto::DigestOf(crypto::Hash::kSha256, "Firmware");
  const Recipe recipe = RecipeFor("AmazonFreeRTOS-Default");
  EXPECT_EQ(Write(recipe, SignedBy(recipe, image, "p256"), image).error().code, Code::kCorrupt);
}

TEST(WriteSignedObject, StopsWhenTheSinkFails) {
  MemoryImage image("firmware");
  const Recipe recipe = RecipeFor("AmazonFreeRTOS-Default");
  const Signature signature = SignedBy(recipe, image, "p256");
  int calls = 0;
  auto written = WriteSignedObject(recipe, signature, image, kSource, [&](std::string_view) -> Expected<void> {
    ++calls;
    return Fail(Code::kExhausted, "the disk is full");
  });
  EXPECT_EQ(written.error().code, Code::kExhausted);
  EXPECT_EQ(calls, 1);
}

TEST(ParseSignedObject, SaysWhatIsMissing) {
  const struct {
    const char* text;
    const char* words;
  } cases[] = {
      {"", "not a signed object"},
      {"[]", "no JSON object"},
      {"{}", "rawPayloadSize"},
      {R"({"rawPayloadSize":-1})", "rawPayloadSize"},
      {R"({"rawPayloadSize":"8"})", "rawPayloadSize"},
      {R"({"rawPayloadSize":8})", "signature is missing"},
      {R"({"rawPayloadSize":8,"signature":"?"})", "signature is not base64"},
      {R"({"rawPayloadSize":8,"signature":"AAAA"})", "signatureAlgorithm is missing"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"SHA256withRSA"})", "payloadLocation"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"SHA256withRSA","payload":8})", "payload"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"SHA256withRSA","payload":"A"})",
       "payload is not base64"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"SHA256withRSA","payloadLocation":{}})", "no s3"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"x","payloadLocation":{"s3":{"bucketName":"b"}}})",
       "key is missing"},
      {R"({"rawPayloadSize":8,"signature":"AAAA","signatureAlgorithm":"x","payload":"","payloadLocation":{}})",
       "either payload or payloadLocation"},
  };
  for (const auto& c : cases) {
    auto object = ParseSignedObject(c.text);
    ASSERT_FALSE(object) << c.text;
    EXPECT_EQ(object.error().code, Code::kInvalid);
    EXPECT_NE(object.error().message.find(c.words), std::string::npos) << c.text << ": " << object.error().message;
  }
}

TEST(ParseSignedObject, RefusesMoreThan64MiB) {
  const std::string large = R"({"rawPayloadSize":8,"payload":")" + std::string(64 << 20, 'A') + "\"}";
  EXPECT_EQ(ParseSignedObject(large).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::signing
