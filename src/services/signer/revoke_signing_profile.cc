// SPDX-License-Identifier: Apache-2.0
//
// RevokeSigningProfile: what the profile signs, and has signed from a point in time on, is invalid. Cannot be undone; a
// second call can only move the point further back.

#include <fmt/format.h>

#include "services/signer/answers.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

using RevokeRefused = aws::OperationError<ops::RevokeSigningProfile>;
using Invalid = errors::ValidationException;

std::expected<void, RevokeRefused> Check(const Service& signer, const std::optional<Profile>& profile,
                                         const RevokeSigningProfileRequest& input, Instant now) {
  if (!profile) return NoSuchProfile(input.profile_name);
  if (profile->version.str() != input.profile_version) return NoSuchVersion(input.profile_version, profile->name);
  const signing::Platform* platform = signing::FindPlatform(profile->platform_id);
  if (platform == nullptr || !IsRevocable(*platform, signer.options)) {
    return aws::Refuse<Invalid>(fmt::format("Revocation is not supported for platform {}.", profile->platform_id));
  }
  if (input.effective_time > now) {
    return aws::Refuse<Invalid>(fmt::format("effectiveTime {} lies in the future: it must be in the past.",
                                            FormatIso8601(input.effective_time)));
  }
  if (profile->revocation && input.effective_time > profile->revocation->effective_from) {
    return aws::Refuse<Invalid>(
        fmt::format("Signing Profile {} is revoked from {} on. The effective time can only be moved to an earlier one.",
                    profile->name.str(), FormatIso8601(profile->revocation->effective_from)));
  }
  return {};
}

}  // namespace

aws::Result<ops::RevokeSigningProfile> RevokeSigningProfile(
    Service& signer, const gateway::Authorized<ops::RevokeSigningProfile>& call) {
  const RevokeSigningProfileRequest& input = call.input();
  const Instant now = call.facts().now;
  const ProfileRevocation revocation{
      .effective_from = input.effective_time, .revoked_at = now, .revoked_by = call.caller().arn};
  auto profile = signer.store.FindProfile(call.facts().account(), call.facts().region, ProfileName(input.profile_name));
  if (!profile) return std::unexpected(std::move(profile).error());
  if (auto checked = Check(signer, *profile, input, now); !checked) return std::unexpected(std::move(checked).error());

  const RevokeSigningProfileResponse output;
  const bool is_repeat = (*profile)->revocation && (*profile)->revocation->effective_from == revocation.effective_from;
  const auto revoked = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const bool is_changed,
                     signer.store.RevokeProfile(transaction, **profile, input.reason, revocation));
    if (!is_changed && !is_repeat) return Fail(Code::kConflict, "the profile was revoked or removed meanwhile");
    return call.Record(transaction, output);
  });
  if (revoked) return output;
  if (revoked.error().code == Code::kConflict) return ChangedMeanwhile("Signing Profile " + input.profile_name);
  return std::unexpected(revoked.error());
}

}  // namespace firmsign::signer
