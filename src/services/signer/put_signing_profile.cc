// SPDX-License-Identifier: Apache-2.0
//
// PutSigningProfile: gives a name to a platform, a certificate, overrides and parameters.
//
// A name is given once: whatever the status of its profile, a second Put is refused (contract 02 §2.2). Whether the key
// fits the algorithm is found by the first job, as AWS does it; whether the certificate exists is checked here.

#include <fmt/format.h>

#include "engine/signing/platform.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

using Refused = std::unexpected<aws::Refusal<errors::ValidationException>>;

Refused Invalid(std::string message) { return aws::Refuse<errors::ValidationException>(std::move(message)); }

Overrides OverridesOf(const std::optional<SigningPlatformOverrides>& given) {
  Overrides overrides;
  if (!given) return overrides;
  if (given->signing_configuration) {
    overrides.encryption_algorithm = given->signing_configuration->encryption_algorithm.value_or("");
    overrides.hash_algorithm = given->signing_configuration->hash_algorithm.value_or("");
  }
  overrides.image_format = given->signing_image_format.value_or("");
  return overrides;
}

}  // namespace

aws::Result<ops::PutSigningProfile> PutSigningProfile(Service& signer,
                                                      const gateway::Authorized<ops::PutSigningProfile>& call) {
  const PutSigningProfileRequest& input = call.input();
  const signing::Platform* platform = signing::FindPlatform(input.platform_id);
  if (platform == nullptr) {
    return aws::Refuse<errors::ResourceNotFoundException>(
        fmt::format("Signing Platform with id {} does not exist. ListSigningPlatforms shows those that do.",
                    input.platform_id),
        "PlatformNotFound");
  }
  if (!platform->is_built) return Invalid(fmt::format("Signing with {} is not yet built in Firmsign.", platform->id));

  Profile profile{.account = call.facts().account(),
                  .region = call.facts().region,
                  .name = ProfileName(input.profile_name),
                  .version = ProfileVersion(MakeRandomText(signer.random, kAlphanumeric, kProfileVersionChars)),
                  .platform_id = input.platform_id,
                  .overrides = OverridesOf(input.overrides),
                  .parameters = input.signing_parameters.value_or(StringMap()),
                  .tags = input.tags.value_or(StringMap()),
                  .created_at = call.facts().now};
  const auto recipe = signing::MakeRecipe(*platform, profile.overrides.encryption_algorithm,
                                          profile.overrides.hash_algorithm, profile.overrides.image_format);
  if (!recipe) return Invalid(recipe.error().message);
  if (input.signature_validity_period) {
    return Invalid(fmt::format("Signatures of {} do not expire: leave out signatureValidityPeriod.", platform->id));
  }
  if (!input.signing_material) return Invalid("signing material cannot be null.");
  profile.certificate_arn = input.signing_material->certificate_arn;
  if (auto caught_up = signer.certificates.CatchUp(); !caught_up) return std::unexpected(caught_up.error());
  const auto material = signer.certificates.Find(profile.account, profile.region, profile.certificate_arn);
  if (!material) {
    if (material.error().code != Code::kNotFound) return std::unexpected(material.error());
    return Invalid(
        fmt::format("The certificate {} was not found in ACM in this account and region.", profile.certificate_arn));
  }

  PutSigningProfileResponse output{
      .arn = profile.arn(), .profile_version = profile.version.str(), .profile_version_arn = profile.version_arn()};
  const auto inserted = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.InsertProfile(transaction, profile));
    return call.Record(transaction, output);
  });
  if (!inserted) {
    if (inserted.error().code != Code::kConflict) return std::unexpected(inserted.error());
    return aws::Refuse<errors::ValidationException>(
        fmt::format("Profile with name {} already exists", input.profile_name), "ProfileAlreadyExists");
  }
  return output;
}

}  // namespace firmsign::signer
