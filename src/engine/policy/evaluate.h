// SPDX-License-Identifier: Apache-2.0
//
// The decision: may this principal do this action on this resource? Deny by default.

#pragma once

#include <string>
#include <string_view>

#include "engine/policy/principal.h"

namespace firmsign::policy {

struct Question {
  const Principal& principal;
  std::string_view action;    // "signer:StartSigningJob"
  std::string_view resource;  // an ARN, or "*"
  const AccountId& owner;     // the account that owns the resource
};

struct Decision {
  bool allowed = false;
  std::string message;  // AWS's wording when not allowed
};

// Root and the operator may do everything in their own account and nothing elsewhere; anonymous callers nothing.
Decision Evaluate(const Question& question);

}  // namespace firmsign::policy
