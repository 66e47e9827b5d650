// SPDX-License-Identifier: Apache-2.0
//
// GetSigningProfile: a profile of any status.

#include "services/signer/answers.h"
#include "services/signer/find_profile.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

Resolved<ops::GetSigningProfile> ResolveGetSigningProfile(Service& signer, const gateway::CallFacts& facts,
                                                          const GetSigningProfileRequest& input) {
  return ResolveProfile(signer, facts, input.profile_name, input.profile_owner);
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
  output.signature_validity_period = ValidityAnswer(found->validity);
  output.signing_parameters = IfGiven(found->parameters);
  output.status = found->status;
  output.status_reason = IfGiven(found->status_reason);
  if (found->revocation) {
    output.revocation_record =
        SigningProfileRevocationRecord{.revocation_effective_from = found->revocation->effective_from,
                                       .revoked_at = found->revocation->revoked_at,
                                       .revoked_by = found->revocation->revoked_by};
  }
  output.arn = found->arn();
  output.tags = found->tags;
  return output;
}

}  // namespace firmsign::signer
