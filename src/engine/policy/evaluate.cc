// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/evaluate.h"

#include <fmt/format.h>

namespace firmsign::policy {
namespace {

bool IsAllowed(const Question& question) {
  switch (question.principal.type) {
    case PrincipalType::kAnonymous: return false;
    case PrincipalType::kRoot:
    // The operator holds the machine, so it acts as the root of the account that it named, and of no other.
    case PrincipalType::kOperator: return !question.owner.empty() && question.principal.account == question.owner;
  }
  return false;
}

// AWS's sentence for a request that no policy allows. An anonymous caller has no ARN and is called "anonymous".
std::string Refusal(const Question& question) {
  const std::string_view who =
      question.principal.type == PrincipalType::kAnonymous ? "anonymous" : std::string_view(question.principal.arn);
  return fmt::format(
      "User: {} is not authorized to perform: {} on resource: {} because no identity-based policy allows the {} action",
      who, question.action, question.resource, question.action);
}

}  // namespace

Decision Evaluate(const Question& question) {
  if (IsAllowed(question)) return {.allowed = true};
  return {.allowed = false, .message = Refusal(question)};
}

}  // namespace firmsign::policy
