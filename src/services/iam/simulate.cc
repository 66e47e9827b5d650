// SPDX-License-Identifier: Apache-2.0
//
// What policies would decide, and by which statement: the same engine that decides real requests, asked about imagined
// ones. Which condition keys policies look at.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html

#include <unordered_set>

#include "aws/arn.h"
#include "services/iam/handlers.h"
#include "services/iam/operations.h"
#include "services/iam/policy_book.h"

namespace firmsign::iam {
namespace {

constexpr std::size_t kSimulationsMax = 1'000;  // actions times resources
constexpr std::size_t kContextEntriesMax = 200;
// Simulations times statements and the keys that these miss: what one call costs, and how long its answer can be.
constexpr std::size_t kWorkMax = 100'000;
// Simulations times bytes of policies times the longest text that is compared with their patterns: under a second.
constexpr std::size_t kStepsMax = 500'000'000;
constexpr std::size_t kContextValueMax = 4096;

struct Simulated {
  policy::Entitlements entitlements;
  std::shared_ptr<const policy::Policy> resource_policy;
  policy::Principal caller;
  AccountId owner;  // of the resources
  policy::Context context;
};

// InvalidInputException: one of the documents is none.
template <class Op>
Found<Op, std::shared_ptr<const policy::Policy>> ParseInput(std::string source, const std::string& document,
                                                            policy::DocumentKind kind) {
  auto parsed = policy::ParseDocument(document, kind);
  if (!parsed) return aws::Refuse<errors::InvalidInputException>(fmt::format("{}: {}", source, parsed.error().message));
  return std::make_shared<const policy::Policy>(std::move(source), *std::move(parsed));
}

template <class Op>
Found<Op, void> AddInputs(const std::optional<std::vector<std::string>>& documents, policy::PolicyList& policies) {
  if (!documents) return {};
  for (std::size_t i = 0; i < documents->size(); ++i) {
    ASSIGN_OR_RETURN(auto parsed, ParseInput<Op>(fmt::format("PolicyInputList.{}", i + 1), (*documents)[i],
                                                 policy::DocumentKind::kIdentity));
    policies.push_back(std::move(parsed));
  }
  return {};
}

policy::Principal UserOf(const std::string& arn) {
  policy::Principal principal{.type = policy::PrincipalType::kUser};
  principal.arn = arn;
  principal.entity_arn = arn;
  principal.name = arn.substr(arn.rfind('/') + 1);
  if (const auto parsed = aws::ParseArn(arn); parsed && IsAccountId(parsed->account)) {
    principal.account = AccountId(parsed->account);
  }
  return principal;
}

std::string_view SpellDecision(const policy::Decision& decision) {
  if (decision.allowed) return PolicyEvaluationDecisionType::kAllowed;
  return decision.is_explicit ? PolicyEvaluationDecisionType::kExplicitDeny
                              : PolicyEvaluationDecisionType::kImplicitDeny;
}

// What AWS calls policies that the request itself brings; its documentation has other words.
constexpr std::string_view kGivenPolicy = "IAM Policy";
constexpr std::string_view kGivenResourcePolicy = "Resource Policy";

std::string_view SourceTypeOf(const policy::Policy& policy, const Simulated& simulated) {
  if (&policy == simulated.resource_policy.get()) return kGivenResourcePolicy;
  if (policy.source().starts_with("arn:aws:iam::aws:")) return PolicySourceType::kAwsManaged;
  if (policy.source().starts_with("arn:")) return PolicySourceType::kUserManaged;
  for (const std::string_view type : {PolicySourceType::kUser, PolicySourceType::kGroup, PolicySourceType::kRole}) {
    if (policy.source().find(fmt::format(":{}/", type)) != std::string::npos) return type;
  }
  return kGivenPolicy;
}

// Runs `visit` (const policy::Policy& -> void) for every policy that is asked.
template <class Visit>
void ForEachPolicy(const Simulated& simulated, Visit visit) {
  for (const auto& policy : simulated.entitlements.policies) visit(*policy);
  if (simulated.entitlements.boundary) visit(*simulated.entitlements.boundary);
  if (simulated.resource_policy) visit(*simulated.resource_policy);
}

// The condition keys that policies look at, each once, in the order of their first appearance.
class KeyList {
 public:
  void Add(const policy::Policy& policy) {
    for (const policy::Statement& statement : policy.statements()) {
      for (std::string& key : statement.condition().Keys()) {
        if (seen_.insert(key).second) keys_.push_back(std::move(key));
      }
    }
  }
  std::vector<std::string> Take() { return std::move(keys_); }

 private:
  std::unordered_set<std::string> seen_;
  std::vector<std::string> keys_;
};

// Those that the request does not say.
std::vector<std::string> MissingKeys(const Simulated& simulated) {
  KeyList keys;
  ForEachPolicy(simulated, [&](const policy::Policy& policy) { keys.Add(policy); });
  std::vector<std::string> missing = keys.Take();
  std::erase_if(missing, [&](const std::string& key) { return simulated.context.Find(key) != nullptr; });
  return missing;
}

EvaluationResult EvaluateOne(const Simulated& simulated, const std::vector<std::string>& missing,
                             const std::string& action, const std::string& resource) {
  const policy::Question question{.principal = simulated.caller,
                                  .action = action,
                                  .resource = resource,
                                  .owner = simulated.owner,
                                  .context = simulated.context,
                                  .entitlements = &simulated.entitlements,
                                  .resource_policy = simulated.resource_policy.get()};
  const policy::Decision decision = policy::Evaluate(question);
  EvaluationResult result{.eval_action_name = action,
                          .eval_resource_name = resource,
                          .eval_decision = std::string(SpellDecision(decision))};
  result.matched_statements.emplace();
  for (const auto& [policy, statement] : policy::MatchingStatements(question)) {
    // Those that agree with the decision.
    if ((statement->effect() == policy::Effect::kAllow) != decision.allowed) continue;
    Statement& matched = result.matched_statements->emplace_back();
    matched.source_policy_id = policy->source();
    matched.source_policy_type = std::string(SourceTypeOf(*policy, simulated));
    if (const auto place = policy->PlaceOf(*statement)) {
      matched.start_position = Position{.line = place->begin.line, .column = place->begin.column};
      matched.end_position = Position{.line = place->end.line, .column = place->end.column};
    }
  }
  result.missing_context_values = missing;
  if (simulated.entitlements.boundary) {
    result.permissions_boundary_decision_detail = PermissionsBoundaryDecisionDetail{
        .allowed_by_permissions_boundary = decision.allowed || decision.cause != policy::Cause::kBoundary};
  }
  return result;
}

// What the request says of the circumstances.
template <class Op>
Found<Op, policy::Context> ContextIn(const typename Op::Input& input) {
  policy::Context context;
  const std::vector<ContextEntry> entries = input.context_entries.value_or(std::vector<ContextEntry>());
  if (entries.size() > kContextEntriesMax) {
    return aws::Refuse<errors::InvalidInputException>(
        fmt::format("At most {} context entries are taken.", kContextEntriesMax));
  }
  for (const ContextEntry& entry : entries) {
    context.AddKey(entry.context_key_name.value_or(""));
    for (const std::string& value : entry.context_key_values.value_or(std::vector<std::string>())) {
      if (value.size() > kContextValueMax) {
        return aws::Refuse<errors::InvalidInputException>(
            fmt::format("A context value can have at most {} bytes.", kContextValueMax));
      }
      context.Add(entry.context_key_name.value_or(""), value);
    }
  }
  return context;
}

// Refuses what would take too long.
template <class Op>
Found<Op, void> CheckWork(const Simulated& simulated, const std::vector<std::string>& actions,
                          const std::vector<std::string>& resources, std::size_t missing_keys) {
  const std::size_t simulations = actions.size() * resources.size();
  std::size_t work = missing_keys;
  std::size_t bytes = 0;
  ForEachPolicy(simulated, [&](const policy::Policy& policy) {
    work += policy.statements().size();
    bytes += policy.bytes();
  });
  if (simulations > kSimulationsMax || simulations * work > kWorkMax) {
    return aws::Refuse<errors::InvalidInputException>(
        fmt::format("At most {} simulations can be asked for at once, and fewer of long policies: simulations times "
                    "statements and missing condition keys at most {}; these are {}.",
                    kSimulationsMax, kWorkMax, simulations * work));
  }
  std::size_t longest = 1;  // of the texts that are compared with patterns
  const auto see = [&](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) longest = std::max(longest, text.size());
  };
  see(actions);
  see(resources);
  for (const auto& [key, values] : simulated.context.entries()) see(values);
  if (simulations * bytes <= kStepsMax / longest) return {};
  return aws::Refuse<errors::InvalidInputException>(
      fmt::format("These are too many simulations of too long policies and texts: simulations times bytes of policies "
                  "times bytes of the longest action, resource or context value can be {}.",
                  kStepsMax));
}

// The rest of both operations: the members that they share, then every action on every resource.
template <class Op>
aws::Result<Op> Simulate(const typename Op::Input& input, const AccountId& account, Simulated simulated) {
  if (input.permissions_boundary_policy_input_list && !input.permissions_boundary_policy_input_list->empty()) {
    if (input.permissions_boundary_policy_input_list->size() > 1) {
      return aws::Refuse<errors::InvalidInputException>("A permissions boundary is one policy.");
    }
    ASSIGN_OR_RETURN(
        simulated.entitlements.boundary,
        ParseInput<Op>("PermissionsBoundaryPolicyInputList.1", input.permissions_boundary_policy_input_list->front(),
                       policy::DocumentKind::kIdentity));
  }
  if (input.resource_policy) {
    ASSIGN_OR_RETURN(simulated.resource_policy,
                     ParseInput<Op>("ResourcePolicy", *input.resource_policy, policy::DocumentKind::kResource));
  }
  if (input.caller_arn) simulated.caller = UserOf(*input.caller_arn);
  if (simulated.caller.account.empty()) simulated.caller.account = account;
  simulated.owner = simulated.caller.account;
  if (input.resource_owner) {
    const auto owner = UserOf(*input.resource_owner).account;
    simulated.owner = IsAccountId(*input.resource_owner) ? AccountId(*input.resource_owner) : owner;
  }
  ASSIGN_OR_RETURN(const policy::Context said, ContextIn<Op>(input));
  simulated.context.Merge(said);
  for (const std::string& action : input.action_names) {
    if (action.find(':') == std::string::npos) {
      return aws::Refuse<errors::InvalidInputException>(fmt::format("Invalid Action: {}", action));
    }
  }
  const std::vector<std::string> resources = input.resource_arns.value_or(std::vector<std::string>{"*"});
  const std::vector<std::string> missing = MissingKeys(simulated);
  RETURN_IF_ERROR(CheckWork<Op>(simulated, input.action_names, resources, missing.size()));
  struct Numbered {
    std::string number;
    const std::string* action;
    const std::string* resource;
  };
  std::vector<Numbered> numbered;
  for (const std::string& action : input.action_names) {
    for (const std::string& resource : resources) {
      numbered.push_back({fmt::format("{:08}", numbered.size()), &action, &resource});
    }
  }
  typename Op::Output output;
  RETURN_IF_ERROR(CutPage<Op>(input, output, numbered, [](const Numbered& one) { return one.number; }));
  output.evaluation_results.emplace();
  for (const Numbered& one : numbered) {
    output.evaluation_results->push_back(EvaluateOne(simulated, missing, *one.action, *one.resource));
  }
  return output;
}

// Whose policies are asked. NoSuchEntityException.
template <class Op>
Found<Op, Entity> NeedSource(db::Reader& reader, const Call<Op>& call) {
  const std::string& arn = call.input().policy_source_arn;
  for (const Kind kind : {Kind::kUser, Kind::kGroup, Kind::kRole}) {
    const auto named = ParseEntityArn(arn, kind);
    if (!named || named->account != call.facts().account()) continue;
    ASSIGN_OR_RETURN(auto found, entities::FindByArn(reader, kind, arn));
    if (!found) return NoSuchEntity<Op>(kind, named->name);
    return *std::move(found);
  }
  return aws::Refuse<errors::InvalidInputException>(
      fmt::format("Invalid Entity Arn: {} does not clearly define entity type and name.", arn));
}

}  // namespace

aws::Result<ops::SimulatePrincipalPolicy> SimulatePrincipalPolicy(Service& iam,
                                                                  const Call<ops::SimulatePrincipalPolicy>& call) {
  using Op = ops::SimulatePrincipalPolicy;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity source, NeedSource(reader, call));
    Simulated simulated;
    ASSIGN_OR_RETURN(simulated.entitlements, EntitlementsOf(reader, source));
    simulated.caller = UserOf(source.arn());
    RETURN_IF_ERROR(AddInputs<Op>(call.input().policy_input_list, simulated.entitlements.policies));
    for (const auto& [key, value] : simulated.entitlements.tags)
      simulated.context.Set("aws:PrincipalTag/" + key, value);
    if (source.kind == Kind::kUser) simulated.context.Set("aws:username", source.name);
    simulated.context.Set("aws:PrincipalArn", source.arn());
    return Simulate<Op>(call.input(), call.facts().account(), std::move(simulated));
  });
}

aws::Result<ops::SimulateCustomPolicy> SimulateCustomPolicy(Service&, const Call<ops::SimulateCustomPolicy>& call) {
  using Op = ops::SimulateCustomPolicy;
  Simulated simulated;
  simulated.caller = UserOf(call.caller().arn);
  RETURN_IF_ERROR(AddInputs<Op>(call.input().policy_input_list, simulated.entitlements.policies));
  return Simulate<Op>(call.input(), call.facts().account(), std::move(simulated));
}

aws::Result<ops::GetContextKeysForCustomPolicy> GetContextKeysForCustomPolicy(
    Service&, const Call<ops::GetContextKeysForCustomPolicy>& call) {
  using Op = ops::GetContextKeysForCustomPolicy;
  policy::PolicyList policies;
  RETURN_IF_ERROR(AddInputs<Op>(call.input().policy_input_list, policies));
  KeyList keys;
  for (const auto& policy : policies) keys.Add(*policy);
  return GetContextKeysForCustomPolicyResponse{.context_key_names = keys.Take()};
}

aws::Result<ops::GetContextKeysForPrincipalPolicy> GetContextKeysForPrincipalPolicy(
    Service& iam, const Call<ops::GetContextKeysForPrincipalPolicy>& call) {
  using Op = ops::GetContextKeysForPrincipalPolicy;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity source, NeedSource(reader, call));
    ASSIGN_OR_RETURN(policy::Entitlements entitlements, EntitlementsOf(reader, source));
    RETURN_IF_ERROR(AddInputs<Op>(call.input().policy_input_list, entitlements.policies));
    KeyList keys;
    for (const auto& policy : entitlements.policies) keys.Add(*policy);
    return GetContextKeysForPrincipalPolicyResponse{.context_key_names = keys.Take()};
  });
}

}  // namespace firmsign::iam
