// SPDX-License-Identifier: Apache-2.0
//
// Authorisation: the only place that makes Grants.

#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "aws/operation.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/grant.h"
#include "gateway/call.h"
#include "ports/denials.h"
#include "ports/policies.h"

namespace firmsign::gateway {

// Thread safety: safe.
class Authorizer {
 public:
  // Both outlive the authorizer. `denials`: what makes the text that a denial ends with; nullptr: it has none.
  explicit Authorizer(const ports::Policies& policies, const ports::Denials* denials = nullptr)
      : policies_(policies), denials_(denials) {}

  // What the caller may do and what the request says, for all questions of this call. kDenied: the caller is gone.
  // Also what the port returns.
  Expected<std::shared_ptr<const CallerRights>> RightsOf(const CallFacts& facts, const void* input) const;

  // Every action that the model demands of this call, on the ARN of its template; or on the resolver's ARN for a
  // template that is not "*". kDenied with AWS's wording; also when the service is the operator's and the caller is
  // not. Also what a ContextOnDemand returns. facts.rights is set.
  Expected<void> Authorize(const CallFacts& facts, const void* input, const Resolution* resolution) const;

  // kDenied with AWS's wording. Also what a ContextOnDemand returns. facts.rights is set.
  Expected<policy::Grant> Require(const CallFacts& facts, std::string_view action, const Resource& resource) const;

 private:
  // An Error is no decision: what conditions ask for could not be read.
  Expected<policy::Decision> Decide(const CallFacts& facts, std::string_view action, const Resource& resource) const;

  const ports::Policies& policies_;
  const ports::Denials* denials_;
};

// The template of an IamAction with its placeholders replaced: {region}, {account}, {partition} and members of the
// input. A member that is absent becomes "*".
std::string ExpandResource(std::string_view resource_template, const CallFacts& facts, const void* input);

}  // namespace firmsign::gateway
