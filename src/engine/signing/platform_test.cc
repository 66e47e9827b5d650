// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/platform.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firmsign::signing {
namespace {

Expected<Recipe> Make(std::string_view platform, std::string_view encryption = "", std::string_view hash = "",
                      std::string_view format = "") {
  return MakeRecipe(*FindPlatform(platform), encryption, hash, format);
}

TEST(Platforms, AreListedInTheOrderOfTheLiveService) {
  std::vector<std::string> ids;
  for (const Platform& platform : Platforms()) ids.emplace_back(platform.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"AWSIoTDeviceManagement-SHA256-ECDSA", "AWSLambda-SHA384-ECDSA",
                                           "AmazonFreeRTOS-TI-CC3220SF", "AmazonFreeRTOS-Default",
                                           "Notation-OCI-SHA384-ECDSA"}));
}

TEST(Platforms, HaveTheRecordedValues) {
  const Platform* iot = FindPlatform("AWSIoTDeviceManagement-SHA256-ECDSA");
  ASSERT_NE(iot, nullptr);
  EXPECT_EQ(iot->display_name, "AWS IoT Device Management SHA256-ECDSA ");
  EXPECT_EQ(iot->partner, "AWSIoTDeviceManagement");
  EXPECT_EQ(iot->target, "SHA256-ECDSA");
  EXPECT_EQ(iot->category, "AWS");
  EXPECT_EQ(iot->size_mb_max, 2048);
  EXPECT_FALSE(iot->revocation_supported);
  const Platform* ti = FindPlatform("AmazonFreeRTOS-TI-CC3220SF");
  ASSERT_NE(ti, nullptr);
  EXPECT_EQ(ti->display_name, "Amazon FreeRTOS SHA1-RSA CC3220SF-Format");
  EXPECT_EQ(ti->target, "SHA1-RSA-TISHA1");
  EXPECT_EQ(ti->size_mb_max, 16);
  EXPECT_EQ(FindPlatform("AmazonFreeRTOS"), nullptr);
  EXPECT_EQ(FindPlatform(""), nullptr);
}

TEST(Platforms, ThatSignWithAKeyOfTheServiceWriteNoJsonObject) {
  for (const Platform& platform : Platforms()) {
    EXPECT_EQ(platform.service_key, platform.output != Output::kJsonObject) << platform.id;
  }
}

TEST(Platforms, SayWhatTheyWrite) {
  EXPECT_EQ(FindPlatform("AmazonFreeRTOS-Default")->output, Output::kJsonObject);
  EXPECT_EQ(FindPlatform("AmazonFreeRTOS-Default")->key_suffix(), "");
  EXPECT_EQ(FindPlatform("AWSLambda-SHA384-ECDSA")->output, Output::kSignedZip);
  EXPECT_EQ(FindPlatform("AWSLambda-SHA384-ECDSA")->key_suffix(), ".zip");
  EXPECT_EQ(FindPlatform("Notation-OCI-SHA384-ECDSA")->output, Output::kPayloadOnly);
}

TEST(Platforms, UseSha1ForTheBootFileOfOneBoardAlone) {
  for (const Platform& platform : Platforms()) {
    for (const std::string_view hash : platform.hash_allowed) {
      EXPECT_EQ(hash == "SHA1", platform.layout == Layout::kSha1Prefix) << platform.id;
    }
  }
}

TEST(MakeRecipe, TakesThePlatformsDefaults) {
  auto iot = Make("AWSIoTDeviceManagement-SHA256-ECDSA");
  ASSERT_TRUE(iot);
  EXPECT_EQ(iot->algorithm_name(), "SHA256withECDSA");
  EXPECT_EQ(iot->format, ImageFormat::kJsonDetached);
  EXPECT_EQ(iot->layout, Layout::kRaw);
  auto freertos = Make("AmazonFreeRTOS-Default");
  EXPECT_EQ(freertos->algorithm_name(), "SHA256withECDSA");
  EXPECT_EQ(freertos->format, ImageFormat::kJsonEmbedded);
  auto ti = Make("AmazonFreeRTOS-TI-CC3220SF");
  EXPECT_EQ(ti->algorithm_name(), "SHA1withRSA");
  EXPECT_EQ(ti->format, ImageFormat::kJsonEmbedded);
  EXPECT_EQ(ti->layout, Layout::kSha1Prefix);
  EXPECT_EQ(Make("AWSLambda-SHA384-ECDSA")->algorithm_name(), "SHA384withECDSA");
}

TEST(MakeRecipe, AppliesWhatThePlatformAllows) {
  EXPECT_EQ(Make("AmazonFreeRTOS-Default", "RSA", "SHA256")->algorithm_name(), "SHA256withRSA");
  EXPECT_EQ(Make("AmazonFreeRTOS-Default", "", "", "JSONDetached")->format, ImageFormat::kJsonDetached);
  EXPECT_EQ(Make("AWSIoTDeviceManagement-SHA256-ECDSA", "", "", "JSONEmbedded")->format, ImageFormat::kJsonEmbedded);
}

TEST(MakeRecipe, TakesJsonAsThePlatformsOwnFormat) {
  EXPECT_EQ(Make("AmazonFreeRTOS-Default", "", "", "JSON")->format, ImageFormat::kJsonEmbedded);
  EXPECT_EQ(Make("AWSIoTDeviceManagement-SHA256-ECDSA", "", "", "JSON")->format, ImageFormat::kJsonDetached);
}

TEST(MakeRecipe, RefusesWhatThePlatformDoesNotAllowAndNamesWhatItDoes) {
  const struct {
    std::string_view platform, encryption, hash, format, message;
  } cases[] = {
      {"AWSIoTDeviceManagement-SHA256-ECDSA", "RSA", "", "",
       "encryptionAlgorithm RSA is not allowed on platform AWSIoTDeviceManagement-SHA256-ECDSA; allowed: ECDSA"},
      {"AmazonFreeRTOS-Default", "", "SHA1", "",
       "hashAlgorithm SHA1 is not allowed on platform AmazonFreeRTOS-Default; allowed: SHA256"},
      {"AmazonFreeRTOS-Default", "DSA", "", "",
       "encryptionAlgorithm DSA is not allowed on platform AmazonFreeRTOS-Default; allowed: ECDSA, RSA"},
      {"AmazonFreeRTOS-TI-CC3220SF", "", "SHA256", "",
       "hashAlgorithm SHA256 is not allowed on platform AmazonFreeRTOS-TI-CC3220SF; allowed: SHA1"},
      {"AmazonFreeRTOS-Default", "", "", "XML",
       "signingImageFormat XML is not allowed on platform AmazonFreeRTOS-Default; allowed: JSON, JSONEmbedded, "
       "JSONDetached"},
      {"AWSLambda-SHA384-ECDSA", "", "", "JSONEmbedded",
       "signingImageFormat JSONEmbedded is not allowed on platform AWSLambda-SHA384-ECDSA; allowed: JSONDetached"},
  };
  for (const auto& c : cases) {
    auto recipe = Make(c.platform, c.encryption, c.hash, c.format);
    ASSERT_FALSE(recipe) << c.message;
    EXPECT_EQ(recipe.error().code, Code::kInvalid);
    EXPECT_EQ(recipe.error().message, c.message);
  }
}

TEST(ImageFormat, HasTheNamesOfTheWire) {
  for (const ImageFormat format : {ImageFormat::kJson, ImageFormat::kJsonEmbedded, ImageFormat::kJsonDetached}) {
    EXPECT_EQ(ParseImageFormat(FormatName(format)), format);
  }
  EXPECT_EQ(FormatName(ImageFormat::kJsonDetached), "JSONDetached");
  EXPECT_EQ(ParseImageFormat("json"), std::nullopt);
}

}  // namespace
}  // namespace firmsign::signing
