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
  answer.is_revoked = job.revocation.has_value();
  answer.profile_name = IfGiven(job.profile_name.str());
  answer.profile_version = IfGiven(job.profile_version.str());
  answer.platform_id = job.platform_id;
  answer.platform_display_name = std::string(PlatformDisplayName(job.platform_id));
  answer.signature_expires_at = job.signature_expires_at;
  answer.job_owner = job.owner.str();
  answer.job_invoker = job.invoker.str();
  return answer;
}

}  // namespace

aws::Result<ops::ListSigningJobs> ListSigningJobs(Service& signer,
                                                  const gateway::Authorized<ops::ListSigningJobs>& call) {
  const ListSigningJobsRequest& input = call.input();
  JobFilter filter{.account = call.facts().account(),
                   .region = call.facts().region,
                   .status = input.status.value_or(""),
                   .platform_id = input.platform_id.value_or(""),
                   .requested_by = input.requested_by.value_or(""),
                   .invoker = input.job_invoker.value_or(""),
                   .is_revoked = input.is_revoked,
                   .expires_before = input.signature_expires_before,
                   .expires_after = input.signature_expires_after,
                   .after = {},
                   .limit = static_cast<int>(input.max_results.value_or(kPageMax))};
  const std::string list = ListOf(call);
  if (input.next_token) {
    if (const auto position = ParsePageToken(signer.keyring, list, *input.next_token)) {
      filter.after = ParseJobPosition(*position);
    }
    if (!filter.after) return aws::Refuse<errors::ValidationException>(std::string(kBadToken));
  }
  auto page = signer.store.ListJobs(filter);
  if (!page) return std::unexpected(std::move(page).error());
  ListSigningJobsResponse output;
  std::vector<SigningJob>& answers = output.jobs.emplace();
  for (const Job& job : page->jobs) answers.push_back(Answer(job));
  if (page->next) output.next_token = FormatPageToken(signer.keyring, list, FormatJobPosition(*page->next));
  return output;
}

}  // namespace firmsign::signer
