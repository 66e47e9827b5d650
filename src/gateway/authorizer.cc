// SPDX-License-Identifier: Apache-2.0

#include "gateway/authorizer.h"

#include <algorithm>
#include <utility>

#include "engine/policy/explain.h"
#include "gateway/context.h"

namespace firmsign::gateway {
namespace {

// So that the encoded message is one that the token service takes: 10240 characters of base64.
constexpr std::size_t kExplainedMax = 7 << 10;

// The text of a string member of the input; nullptr when it is absent.
const std::string* MemberText(const aws::Shape& shape, const void* input, std::string_view name) {
  for (const aws::Member& member : shape.members) {
    if (member.name == name && member.shape->kind == aws::Kind::kString) {
      return static_cast<const std::string*>(member.get(input));
    }
  }
  return nullptr;
}

bool IsPresent(const aws::Shape& shape, const void* input, std::string_view name) {
  for (const aws::Member& member : shape.members) {
    if (member.name == name) return member.get(input) != nullptr;
  }
  return false;
}

// Whether a policy that takes part in the decision has a condition on a key that begins so.
bool AsksFor(const CallFacts& facts, const Resource& resource, std::string_view prefix) {
  const auto asks = [&](const std::shared_ptr<const policy::Policy>& policy) {
    return policy != nullptr && policy->AsksFor(prefix);
  };
  const auto one_asks = [&](const policy::PolicyList& policies) { return std::ranges::any_of(policies, asks); };
  const policy::Session* session = facts.caller.session.get();
  const policy::Entitlements* entitlements = facts.rights->entitlements.get();
  return asks(resource.policy) || (session != nullptr && session->policies && one_asks(*session->policies)) ||
         (entitlements != nullptr && (asks(entitlements->boundary) || one_asks(entitlements->policies)));
}

bool Applies(const aws::IamAction& action, const aws::Shape& shape, const void* input) {
  if (action.condition.empty()) return true;
  if (action.condition.starts_with('!')) return !IsPresent(shape, input, action.condition.substr(1));
  return IsPresent(shape, input, action.condition);
}

}  // namespace

std::string ExpandResource(std::string_view resource_template, const CallFacts& facts, const void* input) {
  std::string out;
  while (true) {
    const std::size_t open = resource_template.find('{');
    out += resource_template.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = resource_template.find('}', open);
    CHECK(close != std::string_view::npos);
    const std::string_view name = resource_template.substr(open + 1, close - open - 1);
    resource_template.remove_prefix(close + 1);
    if (name == "region") {
      out += facts.region.str();
    } else if (name == "account") {
      out += facts.account().str();
    } else if (const std::string* text = MemberText(*facts.operation->input, input, name)) {
      out += *text;
    } else {
      out += '*';
    }
  }
}

Expected<std::shared_ptr<const CallerRights>> Authorizer::RightsOf(const CallFacts& facts, const void* input) const {
  auto rights = std::make_shared<CallerRights>();
  ASSIGN_OR_RETURN(rights->entitlements, policies_.Of(facts.caller));
  const policy::Tags none;
  rights->context = MakeContext(facts, input, rights->entitlements != nullptr ? rights->entitlements->tags : none);
  return rights;
}

Expected<void> Authorizer::Authorize(const CallFacts& facts, const void* input, const Resolution* resolution) const {
  if (facts.operation->service->operator_only && facts.caller.type != policy::PrincipalType::kOperator) {
    return Fail(Code::kDenied, std::string(facts.operation->name) +
                                   " is for the operator of this deployment alone, who calls it on DIR/admin.sock: see "
                                   "`firmsign --help`.");
  }
  for (const aws::IamAction& action : facts.operation->iam) {
    if (!Applies(action, *facts.operation->input, input)) continue;
    const bool is_resolved = resolution != nullptr && !resolution->arn.empty() && action.resource_template != "*";
    Resource resource{.owner = facts.account(), .arn = {}};
    if (resolution != nullptr) resource = static_cast<const Resource&>(*resolution);
    if (!is_resolved) resource.arn = ExpandResource(action.resource_template, facts, input);
    ASSIGN_OR_RETURN(policy::Decision decision, Decide(facts, action.action, resource));
    if (!action.alias.empty() && !(decision.is_explicit && !decision.allowed)) {
      // Either name is enough for an Allow, and for a Deny.
      ASSIGN_OR_RETURN(policy::Decision other, Decide(facts, action.alias, resource));
      if (other.allowed || other.is_explicit) decision = std::move(other);
    }
    if (!decision.allowed) return Fail(Code::kDenied, std::move(decision.message));
  }
  return {};
}

Expected<policy::Decision> Authorizer::Decide(const CallFacts& facts, std::string_view action,
                                              const Resource& resource) const {
  CHECK(facts.rights != nullptr);
  policy::Context context(&facts.rights->context);
  if (!resource.owner.empty()) context.Set("aws:ResourceAccount", resource.owner.str());
  context.Merge(resource.context);
  if (resource.on_demand && AsksFor(facts, resource, resource.on_demand->prefix)) {
    ASSIGN_OR_RETURN(const policy::Context more, resource.on_demand->read());
    context.Merge(more);
  }
  const auto ask_with = [&](const policy::Context& said) {
    return policy::Question{.principal = facts.caller,
                            .action = action,
                            .resource = resource.arn,
                            .owner = resource.owner,
                            .context = said,
                            .entitlements = facts.rights->entitlements.get(),
                            .resource_policy = resource.policy.get(),
                            .needs_resource_policy = resource.needs_policy};
  };
  policy::Decision decision = policy::Evaluate(ask_with(context));
  // For accounts alone: strangers could not decode it. What is known of another's resource is not the caller's to read.
  if (!decision.allowed && denials_ != nullptr && !facts.account().empty()) {
    const bool is_own = resource.owner == facts.account();
    const policy::Question told = ask_with(is_own ? context : facts.rights->context);
    decision.message += ". Encoded authorization failure message: " +
                        denials_->Encode(facts.account(), policy::ExplainDecision(told, decision, kExplainedMax));
  }
  return decision;
}

Expected<policy::Grant> Authorizer::Require(const CallFacts& facts, std::string_view action,
                                            const Resource& resource) const {
  ASSIGN_OR_RETURN(policy::Decision decision, Decide(facts, action, resource));
  if (!decision.allowed) return Fail(Code::kDenied, std::move(decision.message));
  return policy::Grant(std::string(action), resource.arn, resource.owner);
}

}  // namespace firmsign::gateway
