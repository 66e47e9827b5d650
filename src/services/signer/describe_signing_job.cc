// SPDX-License-Identifier: Apache-2.0
//
// DescribeSigningJob: everything known about one signing job.
//
// The account that owns the profile and the account that started the job both see it; to anyone else it is absent, not
// forbidden, so that job ids cannot be probed.

#include "services/signer/answers.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

Resolved<ops::DescribeSigningJob> ResolveDescribeSigningJob(Service& signer, const gateway::CallFacts& facts,
                                                            const DescribeSigningJobRequest& input) {
  auto job = signer.store.FindJob(JobId(input.job_id));
  if (!job) return std::unexpected(std::move(job).error());
  if (!*job || !(*job)->IsVisibleTo(facts.account()) || (*job)->region != facts.region) return NoSuchJob(input.job_id);
  // Either account sees the job as its own.
  return gateway::Resolution{.owner = facts.account(), .arn = (*job)->arn(), .value = **std::move(job)};
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
  output.profile_name = job.profile_name.str();
  output.profile_version = job.profile_version.str();
  output.overrides = OverridesAnswer(job.overrides);
  if (!job.parameters.empty()) output.signing_parameters = job.parameters;
  output.created_at = job.created_at;
  output.completed_at = job.completed_at;
  output.requested_by = job.requested_by;
  output.status = job.status;
  output.status_reason = IfGiven(job.status_reason);
  output.signed_object = SignedObjectAnswer(job);
  output.job_owner = job.owner.str();
  output.job_invoker = job.invoker.str();
  return output;
}

}  // namespace firmsign::signer
