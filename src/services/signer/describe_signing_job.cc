// SPDX-License-Identifier: Apache-2.0
//
// DescribeSigningJob: everything known about one signing job.
//
// The account that owns the profile and the account that started the job both see it; to anyone else it is absent, not
// forbidden, so that job ids cannot be probed.
//
// Who asks right after starting a job would find it in progress and, as AWS's waiter does, ask again after 20 seconds.
// So the answer waits a moment for a job that this node is about to end.

#include <chrono>

#include "services/signer/answers.h"
#include "services/signer/find_job.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

constexpr std::chrono::milliseconds kMoment{500};

}  // namespace

Resolved<ops::DescribeSigningJob> ResolveDescribeSigningJob(Service& signer, const gateway::CallFacts& facts,
                                                            const DescribeSigningJobRequest& input) {
  auto job = FindVisibleJob(signer, facts, input.job_id);
  if (job && *job && (*job)->status == SigningStatus::kInProgress && signer.runner.AwaitEnd((*job)->id, kMoment)) {
    job = FindVisibleJob(signer, facts, input.job_id);
  }
  if (!job) return std::unexpected(std::move(job).error());
  if (!*job) return NoSuchJob(input.job_id);
  // Either account sees the job as its own.
  auto resource = ResourceOf(signer, facts, **job, facts.account());
  if (!resource) return std::unexpected(std::move(resource).error());
  return gateway::Resolution{*std::move(resource), **std::move(job)};
}

aws::Result<ops::DescribeSigningJob> DescribeSigningJob(Service&,
                                                        const gateway::Authorized<ops::DescribeSigningJob>& call) {
  const Job& job = call.resolved<Job>();
  DescribeSigningJobResponse output;
  output.job_id = job.id.str();
  output.source = SourceAnswer(job);
  output.signing_material = MaterialAnswer(job.certificate_arn);
  output.platform_id = job.platform_id;
  output.platform_display_name = std::string(PlatformDisplayName(job.platform_id));
  output.profile_name = IfGiven(job.profile_name.str());
  output.profile_version = IfGiven(job.profile_version.str());
  output.overrides = OverridesAnswer(job.overrides);
  output.signing_parameters = IfGiven(job.parameters);
  output.created_at = job.created_at;
  output.completed_at = job.completed_at;
  output.signature_expires_at = job.signature_expires_at;
  output.requested_by = job.requested_by;
  output.status = job.status;
  output.status_reason = IfGiven(job.status_reason);
  if (job.revocation) {
    output.revocation_record = SigningJobRevocationRecord{.reason = job.revocation->reason,
                                                          .revoked_at = job.revocation->revoked_at,
                                                          .revoked_by = job.revocation->revoked_by};
  }
  output.signed_object = SignedObjectAnswer(job);
  output.job_owner = job.owner.str();
  output.job_invoker = job.invoker.str();
  return output;
}

}  // namespace firmsign::signer
