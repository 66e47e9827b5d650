// SPDX-License-Identifier: Apache-2.0

#include "services/s3/policy_document.h"

#include <algorithm>
#include <vector>

#include "platform/json/json.h"
#include "services/s3/names.h"

namespace firmsign::s3 {
namespace {

std::unexpected<Error> Malformed(std::string message) { return Fail(Code::kInvalid, std::move(message)); }

// A text, or a list of texts that is not empty; nullopt for anything else.
std::optional<std::vector<std::string>> Texts(const json::Value& value) {
  if (const std::string* text = value.AsString()) return std::vector{*text};
  const json::Array* list = value.AsArray();
  if (list == nullptr || list->empty()) return std::nullopt;
  std::vector<std::string> texts;
  for (const json::Value& one : *list) {
    if (one.AsString() == nullptr) return std::nullopt;
    texts.push_back(*one.AsString());
  }
  return texts;
}

// The member of one of two names, of which a statement has exactly one.
Expected<const json::Value*> OneOf(const json::Value& statement, std::string_view name, std::string_view opposite) {
  const json::Value* plain = statement.Find(name);
  const json::Value* inverted = statement.Find(opposite);
  if (plain != nullptr && inverted != nullptr) {
    return Malformed("A statement has both " + std::string(name) + " and " + std::string(opposite));
  }
  if (plain == nullptr && inverted == nullptr) return Malformed("Missing required field " + std::string(name));
  return plain != nullptr ? plain : inverted;
}

bool NamesEverybody(const json::Value& principal) {
  if (const std::string* text = principal.AsString()) return *text == "*";
  const json::Value* accounts = principal.Find("AWS");
  if (accounts == nullptr) return false;
  const auto texts = Texts(*accounts);
  return texts && std::ranges::find(*texts, "*") != texts->end();
}

Expected<void> JudgePrincipal(const json::Value& principal) {
  if (const std::string* text = principal.AsString()) {
    if (*text == "*") return {};
    return Malformed("Invalid principal in policy");
  }
  const json::Object* kinds = principal.AsObject();
  if (kinds == nullptr || kinds->empty()) return Malformed("Invalid principal in policy");
  for (const auto& [kind, value] : *kinds) {
    const bool is_known = kind == "AWS" || kind == "Service" || kind == "Federated" || kind == "CanonicalUser";
    if (!is_known || !Texts(value)) return Malformed("Invalid principal in policy");
  }
  return {};
}

Expected<void> JudgeStatement(const json::Value& statement, std::string_view bucket, PolicyFacts& facts) {
  constexpr std::string_view kMembers[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                           "NotAction", "Resource", "NotResource", "Condition"};
  const json::Object* members = statement.AsObject();
  if (members == nullptr) return Malformed("A statement of the policy is not an object");
  for (const auto& [name, value] : *members) {
    if (std::ranges::find(kMembers, name) == std::end(kMembers)) return Malformed("Unknown field " + name);
  }
  const json::Value* effect = statement.Find("Effect");
  if (effect == nullptr) return Malformed("Missing required field Effect");
  if (effect->AsString() == nullptr || (*effect->AsString() != "Allow" && *effect->AsString() != "Deny")) {
    return Malformed("Invalid effect: Allow or Deny are meant");
  }
  ASSIGN_OR_RETURN(const json::Value* principal, OneOf(statement, "Principal", "NotPrincipal"));
  RETURN_IF_ERROR(JudgePrincipal(*principal));
  ASSIGN_OR_RETURN(const json::Value* action, OneOf(statement, "Action", "NotAction"));
  const auto actions = Texts(*action);
  if (!actions) return Malformed("Policy has invalid action");
  for (const std::string& one : *actions) {
    if (one != "*" && !one.starts_with("s3:")) return Malformed("Policy has invalid action: " + one.substr(0, 128));
  }
  ASSIGN_OR_RETURN(const json::Value* resource, OneOf(statement, "Resource", "NotResource"));
  const auto resources = Texts(*resource);
  if (!resources) return Malformed("Policy has invalid resource");
  const std::string own = BucketArn(bucket);
  for (const std::string& one : *resources) {
    if (one != own && !one.starts_with(own + "/")) {
      return Malformed("Policy has invalid resource: each is " + own + " or begins with " + own + "/");
    }
  }
  const json::Value* condition = statement.Find("Condition");
  if (condition != nullptr && condition->AsObject() == nullptr) return Malformed("Policy has invalid condition");
  const bool is_for_everybody = statement.Find("Principal") != nullptr && NamesEverybody(*principal);
  const bool is_free = condition == nullptr || condition->AsObject()->empty();
  if (*effect->AsString() == "Allow" && is_free && (is_for_everybody || statement.Find("NotPrincipal") != nullptr)) {
    facts.is_public = true;
  }
  return {};
}

}  // namespace

Expected<PolicyFacts> JudgePolicy(std::string_view document, std::string_view bucket) {
  if (document.size() > kPolicyBytesMax) {
    return Malformed("Policies must be smaller than " + std::to_string(kPolicyBytesMax) + " bytes");
  }
  const auto policy = json::Parse(document);
  if (!policy) return Malformed("Policies must be valid JSON: " + policy.error().message);
  if (policy->AsObject() == nullptr) return Malformed("Policies must be JSON objects and the first byte must be '{'");
  for (const auto& [name, value] : *policy->AsObject()) {
    if (name != "Version" && name != "Id" && name != "Statement") return Malformed("Unknown field " + name);
  }
  if (const json::Value* version = policy->Find("Version")) {
    const std::string* text = version->AsString();
    if (text == nullptr || (*text != "2012-10-17" && *text != "2008-10-17")) {
      return Malformed("The policy must contain a valid version string");
    }
  }
  const json::Value* statement = policy->Find("Statement");
  if (statement == nullptr) return Malformed("Missing required field Statement");
  PolicyFacts facts;
  if (const json::Array* list = statement->AsArray()) {
    if (list->empty()) return Malformed("Could not parse the policy: Statement is empty!");
    for (const json::Value& one : *list) RETURN_IF_ERROR(JudgeStatement(one, bucket, facts));
  } else {
    RETURN_IF_ERROR(JudgeStatement(*statement, bucket, facts));
  }
  return facts;
}

}  // namespace firmsign::s3
