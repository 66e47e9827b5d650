// SPDX-License-Identifier: Apache-2.0
//
// GetSigningProfile: a profile of any status.

#include "services/signer/answers.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

Resolved<ops::GetSigningProfile> ResolveGetSigningProfile(Service& signer, const gateway::CallFacts& facts,
                                                          const GetSigningProfileRequest& input) {
  const AccountId owner = input.profile_owner ? AccountId(*input.profile_owner) : facts.account();
  const ProfileName name(input.profile_name);
  auto profile = signer.store.FindProfile(owner, facts.region, name);
  if (!profile) return std::unexpected(std::move(profile).error());
  // A profile of another account is authorised against its ARN whether it exists or not.
  return gateway::Resolution{
      .owner = owner, .arn = ProfileArn(owner, facts.region, name), .value = *std::move(profile)};
}

aws::Result<ops::GetSigningProfile> GetSigningProfile(Service&,
                                                      const gateway::Authorized<ops::GetSigningProfile>& call) {
  const auto& found = call.resolved<std::optional<Profile>>();
  if (!found) return NoSuchProfile(call.input().profile_name);
  GetSigningProfileResponse output;
  output.profile_name = found->name.str();
  output.profile_version = found->version.str();
  output.profile_version_arn = found->version_arn();
  output.signing_material = MaterialAnswer(found->certificate_arn);
  output.platform_id = found->platform_id;
  output.platform_display_name = std::string(PlatformDisplayName(found->platform_id));
  output.overrides = OverridesAnswer(found->overrides);
  if (!found->parameters.empty()) output.signing_parameters = found->parameters;
  output.status = found->status;
  output.status_reason = IfGiven(found->status_reason);
  output.arn = found->arn();
  output.tags = found->tags;
  return output;
}

}  // namespace firmsign::signer
