// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/platform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace firmsign::signing {
namespace {

constexpr std::uint64_t kMegabyte = 1024 * 1024;
constexpr std::array<std::string_view, 1> kEcdsa = {"ECDSA"};
constexpr std::array<std::string_view, 1> kRsa = {"RSA"};
constexpr std::array<std::string_view, 2> kEcdsaOrRsa = {"ECDSA", "RSA"};
constexpr std::array<std::string_view, 1> kSha1 = {"SHA1"};
constexpr std::array<std::string_view, 1> kSha256 = {"SHA256"};
constexpr std::array<std::string_view, 1> kSha384 = {"SHA384"};
constexpr std::array<ImageFormat, 1> kDetached = {ImageFormat::kJsonDetached};
constexpr std::array<ImageFormat, 1> kEmbedded = {ImageFormat::kJsonEmbedded};

constexpr std::array<Platform, 5> kPlatforms = {{
    {
        .id = "AWSIoTDeviceManagement-SHA256-ECDSA",
        .display_name = "AWS IoT Device Management SHA256-ECDSA ",  // the live service ends it with a blank
        .partner = "AWSIoTDeviceManagement",
        .target = "SHA256-ECDSA",
        .category = "AWS",
        .encryption_allowed = kEcdsa,
        .hash_allowed = kSha256,
        .formats = kDetached,
        .size_mb_max = 2048,
    },
    {
        .id = "AWSLambda-SHA384-ECDSA",
        .display_name = "AWS Lambda",
        .partner = "AWSLambda",
        .target = "SHA384-ECDSA",
        .category = "AWS",
        .encryption_allowed = kEcdsa,
        .hash_allowed = kSha384,
        .formats = kDetached,
        .size_mb_max = 250,
        .revocation_supported = true,
        .service_key = true,
        .output = Output::kSignedZip,
    },
    {
        .id = "AmazonFreeRTOS-TI-CC3220SF",
        .display_name = "Amazon FreeRTOS SHA1-RSA CC3220SF-Format",
        .partner = "AmazonFreeRTOS",
        .target = "SHA1-RSA-TISHA1",
        .category = "AWS",
        .encryption_allowed = kRsa,
        .hash_allowed = kSha1,
        .formats = kEmbedded,
        .size_mb_max = 16,
        .layout = Layout::kSha1Prefix,
    },
    {
        .id = "AmazonFreeRTOS-Default",
        .display_name = "Amazon FreeRTOS SHA256-ECDSA",
        .partner = "AmazonFreeRTOS",
        .target = "SHA256-ECDSA",
        .category = "AWS",
        .encryption_allowed = kEcdsaOrRsa,
        .hash_allowed = kSha256,
        .formats = kEmbedded,
        .size_mb_max = 16,
    },
    {
        // No recording of this row is known beyond its id, name and algorithms. Partner is the id's first part, as in
        // every other row; format and size limit are what a detached signature over a manifest of at most 4,096 bytes
        // suggests: JSONDetached, and the smallest whole megabyte.
        .id = "Notation-OCI-SHA384-ECDSA",
        .display_name = "Notation for container registries",
        .partner = "NotationOCI",
        .target = "SHA384-ECDSA",
        .category = "AWS",
        .encryption_allowed = kEcdsa,
        .hash_allowed = kSha384,
        .formats = kDetached,
        .size_mb_max = 1,
        .revocation_supported = true,
        .service_key = true,
        .output = Output::kPayloadOnly,
    },
}};

crypto::Hash HashNamed(std::string_view name) {
  if (name == "SHA1") return crypto::Hash::kSha1;
  return name == "SHA384" ? crypto::Hash::kSha384 : crypto::Hash::kSha256;
}

// `wanted`, or the first of `allowed` when nothing is wanted.
Expected<std::string_view> Choose(std::string_view what, std::string_view wanted,
                                  std::span<const std::string_view> allowed, const Platform& platform) {
  if (wanted.empty()) return allowed.front();
  const auto found = std::ranges::find(allowed, wanted);
  if (found != allowed.end()) return *found;
  return Fail(Code::kInvalid, fmt::format("{} {} is not allowed on platform {}; allowed: {}", what, wanted, platform.id,
                                          fmt::join(allowed, ", ")));
}

Expected<ImageFormat> ChooseFormat(std::string_view wanted, const Platform& platform) {
  if (wanted.empty()) return platform.formats.front();
  const std::optional<ImageFormat> format = ParseImageFormat(wanted);
  // The platforms that sign with the service's own key have an output of their own, which nothing can override.
  if (!format || (platform.service_key && *format != platform.formats.front())) {
    return Fail(Code::kInvalid,
                fmt::format("signingImageFormat {} is not allowed on platform {}; allowed: {}", wanted, platform.id,
                            platform.service_key ? FormatName(platform.formats.front())
                                                 : std::string_view("JSON, JSONEmbedded, JSONDetached")));
  }
  // The value of 2018, when every object was embedded; today it stands for what the platform does anyway.
  return *format == ImageFormat::kJson ? platform.formats.front() : *format;
}

}  // namespace

std::string_view FormatName(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJson: return "JSON";
    case ImageFormat::kJsonEmbedded: return "JSONEmbedded";
    case ImageFormat::kJsonDetached: return "JSONDetached";
  }
  return {};
}

std::optional<ImageFormat> ParseImageFormat(std::string_view name) {
  for (const ImageFormat format : {ImageFormat::kJson, ImageFormat::kJsonEmbedded, ImageFormat::kJsonDetached}) {
    if (FormatName(format) == name) return format;
  }
  return std::nullopt;
}

std::span<const Platform> Platforms() { return kPlatforms; }

const Platform* FindPlatform(std::string_view id) {
  const auto* found = std::ranges::find(kPlatforms, id, &Platform::id);
  return found == kPlatforms.end() ? nullptr : found;
}

Expected<void> CheckSize(const Platform& platform, std::uint64_t bytes) {
  if (bytes <= static_cast<std::uint64_t>(platform.size_mb_max) * kMegabyte) return {};
  return Fail(Code::kInvalid, fmt::format("the image has {} bytes, more than the {} MB that platform {} allows", bytes,
                                          platform.size_mb_max, platform.id));
}

std::string_view Recipe::algorithm_name() const {
  const bool is_rsa = key_type == crypto::KeyType::kRsa;
  switch (hash) {
    case crypto::Hash::kMd5: break;
    case crypto::Hash::kSha1: return is_rsa ? "SHA1withRSA" : "SHA1withECDSA";
    case crypto::Hash::kSha256: return is_rsa ? "SHA256withRSA" : "SHA256withECDSA";
    case crypto::Hash::kSha384: return is_rsa ? "SHA384withRSA" : "SHA384withECDSA";
    case crypto::Hash::kSha512: return is_rsa ? "SHA512withRSA" : "SHA512withECDSA";
  }
  return {};
}

Expected<Recipe> MakeRecipe(const Platform& platform, std::string_view encryption, std::string_view hash,
                            std::string_view format) {
  ASSIGN_OR_RETURN(const std::string_view encryption_name,
                   Choose("encryptionAlgorithm", encryption, platform.encryption_allowed, platform));
  ASSIGN_OR_RETURN(const std::string_view hash_name, Choose("hashAlgorithm", hash, platform.hash_allowed, platform));
  ASSIGN_OR_RETURN(const ImageFormat image_format, ChooseFormat(format, platform));
  return Recipe{.platform = &platform,
                .hash = HashNamed(hash_name),
                .key_type = encryption_name == "RSA" ? crypto::KeyType::kRsa : crypto::KeyType::kEc,
                .format = image_format,
                .layout = platform.layout};
}

}  // namespace firmsign::signing
