// SPDX-License-Identifier: Apache-2.0

#include "services/signer/new_job.h"

#include <fmt/format.h>

namespace firmsign::signer {

Job NewJobOf(const Profile& profile, const gateway::CallFacts& facts, Random& random) {
  Job job;
  job.id = JobId(MakeOrderedUuid(random, facts.now));
  job.owner = profile.account;
  job.invoker = facts.account();
  job.region = facts.region;
  job.requested_by = facts.caller.arn;
  job.profile_name = profile.name;
  job.profile_version = profile.version;
  job.platform_id = profile.platform_id;
  job.certificate_arn = profile.certificate_arn;
  job.overrides = profile.overrides;
  job.parameters = profile.parameters;
  job.created_at = facts.now;
  if (profile.validity) job.signature_expires_at = profile.validity->EndOf(job.created_at);
  return job;
}

signing::SignatureFacts FactsOf(const Job& job, Instant signed_at) {
  return {.signed_at = signed_at,
          .expires_at = job.signature_expires_at.value_or(signed_at),
          .job_arn = job.arn(),
          .profile_version_arn = ProfileVersionArn(job.owner, job.region, job.profile_name, job.profile_version)};
}

std::unexpected<aws::Refusal<errors::ValidationException>> NotActive(const Profile& profile) {
  return aws::Refuse<errors::ValidationException>(
      fmt::format("Signing Profile {} is {}. Only Active profiles can sign.", profile.name.str(), profile.status),
      "ProfileNotActive");
}

}  // namespace firmsign::signer
