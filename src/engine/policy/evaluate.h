// SPDX-License-Identifier: Apache-2.0
//
// The decision: may this principal do this action on this resource? Deny by default.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, in this order:
//   1. A statement that denies, in whatever policy, denies.
//   2. The policy of a resource in the caller's own account allows alone when it names the caller. When it names the
//      caller's role, boundary and session policies limit that; when it names the account, it leaves the decision to
//      the caller's policies.
//   3. Else a policy of the caller (its own or its groups') must allow; so must its boundary and its session policies,
//      if it has any.
//   4. Across accounts both sides must allow: the caller's policies as in 3 and the resource's.
// An account's root is allowed everything in its account but what the resource's policy denies.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strong.h"
#include "engine/policy/document.h"
#include "engine/policy/principal.h"

namespace firmsign::policy {

using PolicyList = std::vector<std::shared_ptr<const Policy>>;

// What an identity may do by its own policies. Session policies lie in Principal::session. Thread safety: immutable.
struct Entitlements {
  PolicyList policies;                     // inline, attached, and those of its groups
  std::shared_ptr<const Policy> boundary;  // nullptr: none, which is no limit
  Tags tags;                               // of the user or role
};

struct Question {
  const Principal& principal;
  std::string_view action;    // "signer:StartSigningJob"
  std::string_view resource;  // an ARN, or "*"
  const AccountId& owner;     // the account that owns the resource
  const Context& context;
  const Entitlements* entitlements = nullptr;  // nullptr: none
  const Policy* resource_policy = nullptr;     // nullptr: none
  // The resource's policy must name the caller even in its own account: a role's trust policy.
  bool needs_resource_policy = false;
};

// Which policies decided.
enum class Cause : std::uint8_t { kRoot, kIdentityPolicy, kBoundary, kSessionPolicy, kResourcePolicy };

struct Decision {
  bool allowed = false;
  bool is_explicit = false;  // denied by a statement, not for want of one
  Cause cause = Cause::kIdentityPolicy;
  // That decided; nullptr when the want of one did, or for root. They live as long as the question's policies.
  const Policy* policy = nullptr;
  const Statement* statement = nullptr;
  std::string message;  // AWS's wording when not allowed

  // "statement AllowSign of arn:aws:iam::111122223333:policy/Sign"; empty without a statement.
  std::string DecidedBy() const;
};

Decision Evaluate(const Question& question);

// All statements of all policies that speak of this request, those that deny and those that allow.
std::vector<std::pair<const Policy*, const Statement*>> MatchingStatements(const Question& question);

// "AllowSign", or "2" (counted from 0) of one without a Sid.
std::string NameOf(const Policy& policy, const Statement& statement);

}  // namespace firmsign::policy
