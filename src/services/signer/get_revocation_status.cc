// SPDX-License-Identifier: Apache-2.0
//
// GetRevocationStatus: which of a signature's job, profile version and certificates are revoked.
//
// Whoever may call it may ask about any account's: who verifies an image need not be who signed it, and the names that
// the question takes are in the signature. What does not exist is not revoked.

#include <fmt/format.h>

#include <algorithm>

#include "services/signer/answers.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

using Invalid = errors::ValidationException;

constexpr std::size_t kHashChars = 2 * 96;  // SHA-384 of a certificate, then of its issuer, in hexadecimal
constexpr std::size_t kHashesMax = 20;      // more than any chain has certificates

bool IsHash(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return text.size() == kHashChars && std::ranges::all_of(text, is_hex);
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Expected<bool> IsProfileRevoked(Service& signer, const ProfileVersionId& id, Instant signed_at) {
  ASSIGN_OR_RETURN(const std::optional<Profile> profile,
                   signer.store.FindProfile(id.profile.account, id.profile.region, id.profile.name));
  // Signatures state whole seconds, so what was signed within the same second counts as signed after.
  return profile && profile->version == id.version && profile->revocation &&
         Seconds(signed_at) >= Seconds(profile->revocation->effective_from);
}

Expected<bool> IsJobRevoked(Service& signer, const JobName& name) {
  ASSIGN_OR_RETURN(const std::optional<Job> job, signer.store.FindJob(name.id));
  return job && job->owner == name.owner && job->region == name.region && job->revocation;
}

}  // namespace

aws::Result<ops::GetRevocationStatus> GetRevocationStatus(Service& signer,
                                                          const gateway::Authorized<ops::GetRevocationStatus>& call) {
  const GetRevocationStatusRequest& input = call.input();
  const signing::Platform* platform = signing::FindPlatform(input.platform_id);
  // AWS answers for container images alone, although it revokes signatures of Lambda code, too.
  const bool is_known = platform != nullptr &&
                        (signer.options.revoke_every_platform || platform->output == signing::Output::kPayloadOnly);
  if (!is_known) return aws::Refuse<Invalid>("Invalid platformId: " + input.platform_id);
  const std::optional<ProfileVersionId> profile = ParseProfileVersionArn(input.profile_version_arn);
  if (!profile || profile->profile.region != call.facts().region) {
    return aws::Refuse<Invalid>(
        fmt::format("profileVersionArn {} is not the ARN of a profile's version in {}: "
                    "arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME/VERSION",
                    input.profile_version_arn, call.facts().region.str()));
  }
  const std::optional<JobName> job = ParseJobArn(input.job_arn);
  if (!job || job->region != call.facts().region) {
    return aws::Refuse<Invalid>(
        fmt::format("jobArn {} is not the ARN of a signing job in {}: arn:aws:signer:REGION:ACCOUNT:/signing-jobs/ID",
                    input.job_arn, call.facts().region.str()));
  }
  if (input.certificate_hashes.empty() || input.certificate_hashes.size() > kHashesMax ||
      !std::ranges::all_of(input.certificate_hashes, IsHash)) {
    return aws::Refuse<Invalid>(
        fmt::format("certificateHashes are one to {} texts of {} hexadecimal digits: for each certificate of the chain "
                    "the SHA-384 of "
                    "its TBSCertificate and then that of its issuer's.",
                    kHashesMax, kHashChars));
  }

  GetRevocationStatusResponse output;
  std::vector<std::string>& revoked = output.revoked_entities.emplace();
  const auto is_profile_revoked = IsProfileRevoked(signer, *profile, input.signature_timestamp);
  if (!is_profile_revoked) return std::unexpected(is_profile_revoked.error());
  if (*is_profile_revoked) revoked.push_back(input.profile_version_arn);
  const auto is_job_revoked = IsJobRevoked(signer, *job);
  if (!is_job_revoked) return std::unexpected(is_job_revoked.error());
  if (*is_job_revoked) revoked.push_back(input.job_arn);
  for (const std::string& hash : input.certificate_hashes) {
    const auto is_revoked = signer.authority.IsRevoked(Lower(hash));
    if (!is_revoked) return std::unexpected(is_revoked.error());
    if (*is_revoked) revoked.push_back(hash);
  }
  return output;
}

}  // namespace firmsign::signer
