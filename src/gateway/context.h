// SPDX-License-Identifier: Apache-2.0
//
// What a call says about itself, in the names of condition keys.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

#pragma once

#include "engine/policy/context.h"
#include "engine/policy/principal.h"
#include "gateway/call.h"

namespace firmsign::gateway {

// The global keys, and those that the model gives to members of the input. `tags`: of the user or role. What is known
// of the resource alone is added for each question.
policy::Context MakeContext(const CallFacts& facts, const void* input, const policy::Tags& tags);

// Those of the input's members alone. `shape`: of the input.
void AddInput(const aws::Shape& shape, const void* input, policy::Context& context);

}  // namespace firmsign::gateway
