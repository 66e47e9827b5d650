// SPDX-License-Identifier: Apache-2.0
//
// ListSigningJobs: the jobs of the account's profiles, newest first, with every filter ANDed.

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/page_token.h"

namespace firmsign::signer {
namespace {

SigningJob Answer(const Job& job) {
  SigningJob answer;
  answer.job_id = job.id.str();
  answer.source = SourceAnswer(job);
  answer.signed_object = SignedObjectAnswer(job);
  answer.signing_material = MaterialAnswer(job.certificate_arn);
  answer.created_at = job.created_at;
  answer.status = job.status;
  answer.is_revoked = false;
  answer.profile_name = job.profile_name.str();
  answer.profile_version = job.profile_version.str();
  answer.platform_id = job.platform_id;
  answer.platform_display_name = std::string(PlatformDisplayName(job.platform_id));
  answer.job_owner = job.owner.str();
  answer.job_invoker = job.invoker.str();
  return answer;
}

}  // namespace

aws::Result<ops::ListSigningJobs> ListSigningJobs(Service& signer,
                                                  const gateway::Authorized<ops::ListSigningJobs>& call) {
  const ListSigningJobsRequest& input = call.input();
  const auto limit = static_cast<int>(input.max_results.value_or(kPageMax));
  JobFilter filter{.account = call.facts().account(),
                   .region = call.facts().region,
                   .status = input.status.value_or(""),
                   .platform_id = input.platform_id.value_or(""),
                   .requested_by = input.requested_by.value_or(""),
                   .invoker = input.job_invoker.value_or(""),
                   .limit = limit + 1};
  if (input.next_token) {
    filter.after = ParseJobToken(*input.next_token);
    if (!filter.after) return aws::Refuse<errors::ValidationException>(std::string(kBadToken));
  }
  ListSigningJobsResponse output;
  std::vector<SigningJob>& answers = output.jobs.emplace();
  // No signature of the platforms that are built expires or can be revoked, so these filters let nothing through.
  const bool wants_expiry = input.signature_expires_before || input.signature_expires_after;
  if (wants_expiry || input.is_revoked.value_or(false)) return output;

  auto jobs = signer.store.ListJobs(filter);
  if (!jobs) return std::unexpected(std::move(jobs).error());
  for (std::size_t i = 0; i < jobs->size(); ++i) {
    if (i == static_cast<std::size_t>(limit)) {
      output.next_token = FormatJobToken((*jobs)[i - 1]);
      break;
    }
    answers.push_back(Answer((*jobs)[i]));
  }
  return output;
}

}  // namespace firmsign::signer
