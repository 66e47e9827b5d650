// SPDX-License-Identifier: Apache-2.0
//
// PutSigningProfile: gives a name to a platform, a certificate, overrides and parameters.
//
// A name is given once: whatever the status of its profile, a second Put is refused (contract 02 §2.2). Whether the
// certificate exists is checked here. That its key does not fit the algorithm is found by the first job, as AWS does
// it, unless the options let this operation heed the advice against it. Otherwise GetSigningProfile tells the advice as
// the profile's statusReason.

#include <fmt/format.h>

#include "engine/signing/platform.h"
#include "services/signer/answers.h"
#include "services/signer/material.h"
#include "services/signer/operations.h"
#include "services/signer/tags.h"
#include "services/signer/validity.h"

namespace firmsign::signer {
namespace {

using Refused = std::unexpected<aws::Refusal<errors::ValidationException>>;

Refused RefuseInvalid(std::string message) { return aws::Refuse<errors::ValidationException>(std::move(message)); }

Refused NameIsTaken(const std::string& name) {
  return aws::Refuse<errors::ValidationException>(fmt::format("Profile with name {} already exists", name),
                                                  "ProfileAlreadyExists");
}

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

// The period of platforms whose signatures expire.
Expected<std::optional<Validity>> ValidityOf(const signing::Platform& platform,
                                             const std::optional<SignatureValidityPeriod>& given) {
  if (!platform.service_key) {
    if (!given) return std::nullopt;
    return Fail(Code::kInvalid,
                fmt::format("Signatures of {} do not expire: leave out signatureValidityPeriod.", platform.id));
  }
  Validity most = DefaultValidity();
  if (!given) return most;
  const std::string type = given->type.value_or(most.type);
  if (!given->value && given->type) {
    return Fail(Code::kInvalid, "signatureValidityPeriod.value cannot be null when there is a type.");
  }
  ASSIGN_OR_RETURN(Validity validity, MakeValidity(given->value.value_or(most.value), type));
  return validity;
}

}  // namespace

aws::Result<ops::PutSigningProfile> PutSigningProfile(Service& signer,
                                                      const gateway::Authorized<ops::PutSigningProfile>& call) {
  const PutSigningProfileRequest& input = call.input();
  const signing::Platform* platform = signing::FindPlatform(input.platform_id);
  if (platform == nullptr) return NoSuchPlatform(input.platform_id);
  // First of all: who makes profiles by a script takes this refusal for success.
  auto taken = signer.store.FindProfile(call.facts().account(), call.facts().region, ProfileName(input.profile_name));
  if (!taken) return std::unexpected(std::move(taken).error());
  if (*taken) return NameIsTaken(input.profile_name);

  Profile profile{.account = call.facts().account(),
                  .region = call.facts().region,
                  .name = ProfileName(input.profile_name),
                  .version = ProfileVersion(MakeRandomText(signer.random, kAlphanumeric, kProfileVersionChars)),
                  .platform_id = input.platform_id,
                  .overrides = OverridesOf(input.overrides),
                  .tags = input.tags.value_or(StringMap()),
                  .created_at = call.facts().now};
  const auto recipe = signing::MakeRecipe(*platform, profile.overrides.encryption_algorithm,
                                          profile.overrides.hash_algorithm, profile.overrides.image_format);
  if (!recipe) return RefuseInvalid(recipe.error().message);
  if (profile.tags.size() > kTagsMax) return RefuseInvalid(std::string(kTooManyTags));
  auto parameters = CheckParameters(input.signing_parameters);
  if (!parameters) return RefuseInvalid(parameters.error().message);
  profile.parameters = *std::move(parameters);
  auto validity = ValidityOf(*platform, input.signature_validity_period);
  if (!validity) return RefuseInvalid(validity.error().message);
  profile.validity = *std::move(validity);
  auto material = CheckMaterial(signer, call.facts(), *recipe, input.signing_material);
  if (!material) {
    if (material.error().code == Code::kInvalid) return RefuseInvalid(material.error().message);
    return std::unexpected(std::move(material).error());
  }
  profile.certificate_arn = std::move(material->certificate_arn);
  profile.status_reason = std::move(material->advice);

  PutSigningProfileResponse output{
      .arn = profile.arn(), .profile_version = profile.version.str(), .profile_version_arn = profile.version_arn()};
  const auto inserted = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.InsertProfile(transaction, profile));
    return call.Record(transaction, output);
  });
  if (!inserted) {
    if (inserted.error().code != Code::kConflict) return std::unexpected(inserted.error());
    return NameIsTaken(input.profile_name);
  }
  return output;
}

}  // namespace firmsign::signer
