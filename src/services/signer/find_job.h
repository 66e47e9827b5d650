// SPDX-License-Identifier: Apache-2.0
//
// Finding a job for a caller.

#pragma once

#include <optional>

#include "gateway/call.h"
#include "services/signer/permissions.h"
#include "services/signer/service.h"

namespace firmsign::signer {

// nullopt: there is no such job in the region of the call, or it belongs to neither the caller's account nor was
// started by it. Which of these is the case is nobody's business, so that job ids cannot be probed.
inline Expected<std::optional<Job>> FindVisibleJob(Service& signer, const gateway::CallFacts& facts,
                                                   const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<Job> job, signer.store.FindJob(JobId(id)));
  if (job && (!job->IsVisibleTo(facts.account()) || job->region != facts.region)) job.reset();
  return job;
}

// A job as the call's resource, seen as `owner`'s.
inline Expected<gateway::Resource> ResourceOf(Service& signer, const gateway::CallFacts& facts, const Job& job,
                                              const AccountId& owner) {
  gateway::Resource resource{.owner = owner, .arn = job.arn()};
  if (!job.has_profile()) return resource;
  resource.context.Set("signer:ProfileVersion", job.profile_version.str());
  ASSIGN_OR_RETURN(
      resource.policy,
      ResourcePolicyOf(signer, facts.caller, {.account = job.owner, .region = job.region, .name = job.profile_name},
                       resource.arn));
  return resource;
}

}  // namespace firmsign::signer
