// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/evaluate.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/encoding.h"

namespace firmsign::policy {
namespace {

// What some policies say to a request: the first statement that denies, and the one that allows most closely.
struct Verdict {
  const Policy* deny_policy = nullptr;
  const Statement* deny = nullptr;
  const Policy* allow_policy = nullptr;
  const Statement* allow = nullptr;
  Naming naming = Naming::kNone;  // of `allow`
};

void Ask(const Policy& policy, const Request& request, std::string_view action, Verdict& verdict) {
  for (const Statement& statement : policy.statements()) {
    const Naming naming = statement.MatchesFor(request, action);
    if (naming == Naming::kNone) continue;
    if (statement.effect() == Effect::kDeny && verdict.deny == nullptr) {
      verdict.deny = &statement;
      verdict.deny_policy = &policy;
    }
    if (statement.effect() == Effect::kAllow && naming > verdict.naming && policy.MayAllow(request.principal)) {
      verdict.allow = &statement;
      verdict.allow_policy = &policy;
      verdict.naming = naming;
    }
  }
}

Verdict Ask(const PolicyList& policies, const Request& request, std::string_view action) {
  Verdict verdict;
  for (const auto& policy : policies) Ask(*policy, request, action, verdict);
  return verdict;
}

bool IsRoot(const Principal& principal) {
  // The operator holds the machine, so it acts as the root of the account that it named, and of no other.
  return principal.type == PrincipalType::kRoot || principal.type == PrincipalType::kOperator;
}

// Whoever has policies of its own, or is root. The others are allowed by resources alone.
bool HasIdentitySide(const Principal& principal) {
  return IsRoot(principal) || principal.type == PrincipalType::kUser || principal.type == PrincipalType::kAssumedRole ||
         principal.type == PrincipalType::kFederatedUser;
}

std::string_view KindOf(Cause cause) {
  switch (cause) {
    case Cause::kRoot:
    case Cause::kIdentityPolicy: return "identity-based policy";
    case Cause::kBoundary: return "permissions boundary";
    case Cause::kSessionPolicy: return "session policy";
    case Cause::kResourcePolicy: return "resource-based policy";
  }
  return "";
}

class Evaluation {
 public:
  explicit Evaluation(const Question& question)
      : question_(question),
        request_{question.principal, question.action, question.resource, question.context},
        action_(ToLower(question.action)) {}

  Decision Run() {
    const Principal& principal = question_.principal;
    const Session* session = principal.session.get();
    const Entitlements none;
    const Entitlements& own = question_.entitlements != nullptr ? *question_.entitlements : none;
    identity_ = Ask(own.policies, request_, action_);
    if (own.boundary != nullptr) Ask(*own.boundary, request_, action_, boundary_);
    if (session != nullptr && session->policies) session_ = Ask(*session->policies, request_, action_);
    if (question_.resource_policy != nullptr) Ask(*question_.resource_policy, request_, action_, resource_);

    for (const auto& [verdict, cause] :
         {std::pair(&identity_, Cause::kIdentityPolicy), std::pair(&boundary_, Cause::kBoundary),
          std::pair(&session_, Cause::kSessionPolicy), std::pair(&resource_, Cause::kResourcePolicy)}) {
      if (verdict->deny != nullptr) return DeniedBy(*verdict, cause);
    }
    const bool is_at_home = !question_.owner.empty() && principal.account == question_.owner;
    if (!HasIdentitySide(principal))
      return resource_.allow != nullptr ? AllowedByResource() : Wanting(Cause::kResourcePolicy);
    if (is_at_home) {
      if (resource_.naming == Naming::kCaller) return AllowedByResource();
      if (question_.needs_resource_policy && resource_.allow == nullptr) return Wanting(Cause::kResourcePolicy);
    }
    const bool is_allowed_as_role = is_at_home && resource_.naming == Naming::kRole;
    if (const auto refused = AskOwnSide(own, is_allowed_as_role)) return *refused;
    if (!is_at_home && resource_.allow == nullptr) return Wanting(Cause::kResourcePolicy);
    if (is_allowed_as_role || !is_at_home) return AllowedByResource();
    if (identity_.allow == nullptr) return {.allowed = true, .cause = Cause::kRoot};
    return Allowed(identity_, Cause::kIdentityPolicy);
  }

 private:
  // Why the caller's own policies do not allow it; nullopt when they do.
  std::optional<Decision> AskOwnSide(const Entitlements& own, bool is_allowed_as_role) const {
    const Principal& principal = question_.principal;
    if (IsRoot(principal)) return std::nullopt;
    // A federated user of a root has no entity behind it whose policies could be asked.
    const bool is_roots = principal.type == PrincipalType::kFederatedUser && principal.entity_id.empty();
    if (!is_allowed_as_role && !is_roots && identity_.allow == nullptr) return Wanting(Cause::kIdentityPolicy);
    if (own.boundary != nullptr && boundary_.allow == nullptr) return Wanting(Cause::kBoundary);
    // A federated user has the rights of nobody unless a policy came with it.
    const bool is_limited = principal.type == PrincipalType::kFederatedUser ||
                            (principal.session != nullptr && principal.session->policies.has_value());
    if (is_limited && session_.allow == nullptr) return Wanting(Cause::kSessionPolicy);
    return std::nullopt;
  }

  static Decision Allowed(const Verdict& verdict, Cause cause) {
    return {.allowed = true, .cause = cause, .policy = verdict.allow_policy, .statement = verdict.allow};
  }
  Decision AllowedByResource() const { return Allowed(resource_, Cause::kResourcePolicy); }

  std::string Refusal() const {
    const Principal& principal = question_.principal;
    return fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                       principal.type == PrincipalType::kAnonymous ? "anonymous" : std::string_view(principal.arn),
                       question_.action, question_.resource);
  }

  Decision DeniedBy(const Verdict& verdict, Cause cause) const {
    Decision decision{.is_explicit = true, .cause = cause, .policy = verdict.deny_policy, .statement = verdict.deny};
    decision.message = fmt::format("{} with an explicit deny in {} {}", Refusal(),
                                   cause == Cause::kIdentityPolicy ? "an" : "a", KindOf(cause));
    // What a resource's policy says is its owner's business.
    const bool may_know = cause != Cause::kResourcePolicy || question_.principal.account == question_.owner;
    if (may_know) decision.message += fmt::format(": {}", decision.DecidedBy());
    return decision;
  }

  Decision Wanting(Cause cause) const {
    return {
        .cause = cause,
        .message = fmt::format("{} because no {} allows the {} action", Refusal(), KindOf(cause), question_.action)};
  }

  const Question& question_;
  const Request request_;
  const std::string action_;
  Verdict identity_;
  Verdict boundary_;
  Verdict session_;
  Verdict resource_;
};

}  // namespace

std::string NameOf(const Policy& policy, const Statement& statement) {
  if (!statement.sid().empty()) return statement.sid();
  return std::to_string(&statement - policy.statements().data());
}

std::string Decision::DecidedBy() const {
  if (statement == nullptr) return "";
  return fmt::format("statement {} of {}", NameOf(*policy, *statement), policy->source());
}

std::vector<std::pair<const Policy*, const Statement*>> MatchingStatements(const Question& question) {
  const Request request{question.principal, question.action, question.resource, question.context};
  const std::string action = ToLower(question.action);
  std::vector<std::pair<const Policy*, const Statement*>> matching;
  const auto add = [&](const Policy* policy) {
    if (policy == nullptr) return;
    for (const Statement& statement : policy->statements()) {
      if (statement.MatchesFor(request, action) != Naming::kNone) matching.emplace_back(policy, &statement);
    }
  };
  if (question.entitlements != nullptr) {
    for (const auto& policy : question.entitlements->policies) add(policy.get());
    add(question.entitlements->boundary.get());
  }
  if (const Session* session = question.principal.session.get(); session != nullptr && session->policies) {
    for (const auto& policy : *session->policies) add(policy.get());
  }
  add(question.resource_policy);
  return matching;
}

Decision Evaluate(const Question& question) { return Evaluation(question).Run(); }

}  // namespace firmsign::policy
