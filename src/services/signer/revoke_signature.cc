// SPDX-License-Identifier: Apache-2.0
//
// RevokeSignature: the signature of one job is invalid, whenever it is asked about. Cannot be undone; who revokes it a
// second time changes nothing.

#include <fmt/format.h>

#include "services/signer/answers.h"
#include "services/signer/find_job.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

Resolved<ops::RevokeSignature> ResolveRevokeSignature(Service& signer, const gateway::CallFacts& facts,
                                                      const RevokeSignatureRequest& input) {
  auto found = FindVisibleJob(signer, facts, input.job_id);
  if (!found) return std::unexpected(std::move(found).error());
  std::optional<Job>& job = *found;
  if (!job || (input.job_owner && job->owner.str() != *input.job_owner)) return NoSuchJob(input.job_id);
  auto resource = ResourceOf(signer, facts, *job, job->owner);
  if (!resource) return std::unexpected(std::move(resource).error());
  return gateway::Resolution{*std::move(resource), *std::move(job)};
}

aws::Result<ops::RevokeSignature> RevokeSignature(Service& signer,
                                                  const gateway::Authorized<ops::RevokeSignature>& call) {
  using Invalid = errors::ValidationException;
  const Job& job = call.resolved<Job>();
  const signing::Platform* platform = signing::FindPlatform(job.platform_id);
  if (platform == nullptr || !IsRevocable(*platform, signer.options)) {
    return aws::Refuse<Invalid>(fmt::format("Revocation is not supported for platform {}.", job.platform_id));
  }
  if (job.status != SigningStatus::kSucceeded) {
    return aws::Refuse<Invalid>(
        fmt::format("Signing Job {} is {}: there is no signature to revoke.", job.id.str(), job.status));
  }
  const RevokeSignatureResponse output;
  const JobRevocation revocation{
      .reason = call.input().reason, .revoked_at = call.facts().now, .revoked_by = call.caller().arn};
  const auto revoked = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.RevokeJob(transaction, job.id, revocation));
    return call.Record(transaction, output);
  });
  if (!revoked) return std::unexpected(revoked.error());
  return output;
}

}  // namespace firmsign::signer
