// SPDX-License-Identifier: Apache-2.0
//
// A decision as JSON, for whoever wants to know why: what was asked, by whom, about what, with which condition keys,
// and the statement that decided. The members are those of the token service's DecodeAuthorizationMessage.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html

#pragma once

#include <cstddef>
#include <string>

#include "engine/policy/evaluate.h"

namespace firmsign::policy {

// At most `bytes_max` bytes, which is 4096 or more: of a longer one the condition keys that come last are left out,
// then what the statement lists, then the end of the resource. A statement of another account's resource is left out,
// too, as in the decision's message.
std::string ExplainDecision(const Question& question, const Decision& decision, std::size_t bytes_max);

}  // namespace firmsign::policy
