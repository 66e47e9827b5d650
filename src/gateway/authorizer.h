// SPDX-License-Identifier: Apache-2.0
//
// Authorisation: the only place that makes Grants.

#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "aws/operation.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/grant.h"
#include "gateway/call.h"

namespace firmsign::gateway {

// Thread safety: safe.
class Authorizer {
 public:
  // Every action that the model demands of this call, on the ARN of its template; or on the resolver's ARN for a
  // template that is not "*". kDenied with AWS's wording; also when the service is the operator's and the caller is
  // not.
  Expected<void> Authorize(const CallFacts& facts, const void* input, const Resolution* resolution) const;

  Expected<policy::Grant> Require(const CallFacts& facts, std::string_view action, const std::string& resource,
                                  const AccountId& owner) const;
};

// The template of an IamAction with its placeholders replaced: {region}, {account}, {partition} and members of the
// input. A member that is absent becomes "*".
std::string ExpandResource(std::string_view resource_template, const CallFacts& facts, const void* input);

}  // namespace firmsign::gateway
