// SPDX-License-Identifier: Apache-2.0

#include "services/signer/answers.h"

#include <fmt/format.h>

namespace firmsign::signer {

std::optional<std::string> IfGiven(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<StringMap> IfGiven(const StringMap& map) { return map.empty() ? std::nullopt : std::optional(map); }

std::optional<SigningPlatformOverrides> OverridesAnswer(const Overrides& overrides) {
  if (overrides.empty()) return std::nullopt;
  SigningPlatformOverrides answer;
  if (!overrides.encryption_algorithm.empty() || !overrides.hash_algorithm.empty()) {
    answer.signing_configuration =
        SigningConfigurationOverrides{.encryption_algorithm = IfGiven(overrides.encryption_algorithm),
                                      .hash_algorithm = IfGiven(overrides.hash_algorithm)};
  }
  answer.signing_image_format = IfGiven(overrides.image_format);
  return answer;
}

std::optional<Source> SourceAnswer(const Job& job) {
  if (!job.has_objects()) return std::nullopt;
  return Source{.s3 = S3Source{.bucket_name = job.source_bucket, .key = job.source_key, .version = job.source_version}};
}

std::optional<SignedObject> SignedObjectAnswer(const Job& job) {
  if (job.status != SigningStatus::kSucceeded || !job.has_objects()) return std::nullopt;
  return SignedObject{.s3 = S3SignedObject{.bucket_name = job.destination_bucket, .key = job.destination_key}};
}

SigningMaterial MaterialAnswer(const std::string& certificate_arn) {
  return {.certificate_arn = IfGiven(certificate_arn)};
}

std::optional<SignatureValidityPeriod> ValidityAnswer(const std::optional<Validity>& validity) {
  if (!validity) return std::nullopt;
  return SignatureValidityPeriod{.value = validity->value, .type = validity->type};
}

std::string_view PlatformDisplayName(std::string_view platform_id) {
  const signing::Platform* platform = signing::FindPlatform(platform_id);
  return platform == nullptr ? platform_id : platform->display_name;
}

std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchProfile(const std::string& name) {
  return aws::Refuse<errors::ResourceNotFoundException>(
      fmt::format("Signing Profile with name {} does not exist.", name), "ProfileNotFound");
}

std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchJob(const std::string& id) {
  return aws::Refuse<errors::ResourceNotFoundException>(fmt::format("Signing Job with id {} does not exist.", id),
                                                        "JobNotFound");
}

std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchPlatform(const std::string& id) {
  return aws::Refuse<errors::ResourceNotFoundException>(
      fmt::format("Signing Platform with id {} does not exist. ListSigningPlatforms shows those that do.", id),
      "PlatformNotFound");
}

std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchVersion(const std::string& version,
                                                                               const ProfileName& name) {
  return aws::Refuse<errors::ResourceNotFoundException>(
      fmt::format("Version {} does not exist for SigningProfile {}.", version, name.str()), "ProfileVersionNotFound");
}

std::unexpected<aws::Refusal<errors::ConflictException>> ChangedMeanwhile(std::string_view what) {
  return aws::Refuse<errors::ConflictException>(
      fmt::format("{} was changed by another call at the same time. Try again.", what));
}

}  // namespace firmsign::signer
