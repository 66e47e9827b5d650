// SPDX-License-Identifier: Apache-2.0
//
// CancelSigningProfile: an Active profile becomes Canceled for good. Its name stays taken; jobs accepted before finish.

#include <fmt/format.h>

#include "services/signer/answers.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

aws::Result<ops::CancelSigningProfile> CancelSigningProfile(
    Service& signer, const gateway::Authorized<ops::CancelSigningProfile>& call) {
  const std::string& name = call.input().profile_name;
  auto profile = signer.store.FindProfile(call.facts().account(), call.facts().region, ProfileName(name));
  if (!profile) return std::unexpected(std::move(profile).error());
  if (!*profile) return NoSuchProfile(name);
  if ((*profile)->status == SigningProfileStatus::kRevoked) {
    return aws::Refuse<errors::ValidationException>(
        fmt::format("Signing Profile {} cannot be canceled because it has been revoked. A revoked profile cannot be "
                    "canceled.",
                    name));
  }
  const CancelSigningProfileResponse output;
  const std::string reason = fmt::format("Canceled by {}", call.caller().arn);
  const std::string revision = MakeUuid(signer.random);
  auto canceled = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    // Canceled twice is canceled: the second call changes nothing, and its record is written all the same.
    RETURN_IF_ERROR(signer.store.CancelProfile(transaction, **profile, reason, revision, call.facts().now));
    return call.Record(transaction, output);
  });
  if (!canceled) return std::unexpected(std::move(canceled).error());
  return output;
}

}  // namespace firmsign::signer
