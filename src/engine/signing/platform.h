// SPDX-License-Identifier: Apache-2.0
//
// The catalogue of signing platforms: fixed recipes of hash, signature algorithm, image format and size limit.
//
// Values as AWS's live service lists them (contract 02-signer-semantics §2.7), in its order.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/key.h"

namespace firmsign::signing {

enum class ImageFormat { kJson, kJsonEmbedded, kJsonDetached };
std::string_view FormatName(ImageFormat format);  // "JSONDetached"
std::optional<ImageFormat> ParseImageFormat(std::string_view name);

// What is signed: the image alone, or the boot file of TI's CC3220SF, which is the SHA-1 of the image before the image.
enum class Layout { kRaw, kSha1Prefix };

// What a job on the platform writes: a JSON object (signed_object.cc), or the zip archive that was given with its
// signature inside (signed_zip.h); or nothing, because the platform signs payloads in the request alone
// (notation_envelope.h), and StartSigningJob is not for it.
enum class Output { kJsonObject, kSignedZip, kPayloadOnly };

struct Platform {
  std::string_view id;
  std::string_view display_name;
  std::string_view partner;
  std::string_view target;
  std::string_view category;
  std::span<const std::string_view> encryption_allowed;  // "ECDSA", "RSA"; the first is the default
  std::span<const std::string_view> hash_allowed;        // "SHA256"; the first is the default
  std::span<const ImageFormat> formats;                  // the first is the default
  std::int64_t size_mb_max = 0;
  bool revocation_supported = false;
  bool service_key = false;  // signed with a key of the service, not of a certificate in ACM
  Layout layout = Layout::kRaw;
  Output output = Output::kJsonObject;

  // What the key of a signed object ends with after prefix and job id: ".zip", or nothing.
  std::string_view key_suffix() const { return output == Output::kSignedZip ? ".zip" : ""; }
};

// kInvalid: the image is larger than the platform's limit; the message names both.
Expected<void> CheckSize(const Platform& platform, std::uint64_t bytes);

std::span<const Platform> Platforms();
const Platform* FindPlatform(std::string_view id);

// A platform with a profile's overrides applied: everything that signing needs.
struct Recipe {
  const Platform* platform = nullptr;
  crypto::Hash hash = crypto::Hash::kSha256;
  crypto::KeyType key_type = crypto::KeyType::kEc;
  ImageFormat format = ImageFormat::kJsonEmbedded;
  Layout layout = Layout::kRaw;

  std::string_view algorithm_name() const;  // Java's: "SHA256withECDSA"
};

// Empty overrides mean the platform's default. kInvalid: a value that the platform does not allow; the message names it
// and the allowed ones.
Expected<Recipe> MakeRecipe(const Platform& platform, std::string_view encryption, std::string_view hash,
                            std::string_view format);

}  // namespace firmsign::signing
