// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/explain.h"

#include <utility>
#include <vector>

#include "platform/json/json.h"

namespace firmsign::policy {
namespace {

// {"items": [...]}: how lists are written here. `write` writes the elements.
template <class Write>
void Items(json::Writer& writer, std::string_view name, Write write) {
  writer.Name(name);
  writer.BeginObject();
  writer.Name("items");
  writer.BeginArray();
  write();
  writer.EndArray();
  writer.EndObject();
}

void Text(json::Writer& writer, std::string_view name, std::string_view value) {
  writer.Name(name);
  writer.String(value);
}

void Values(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  Items(writer, name, [&] {
    for (const std::string& value : values) {
      writer.BeginObject();
      Text(writer, "value", value);
      writer.EndObject();
    }
  });
}

// How much is told.
struct Detail {
  std::size_t keys = 0;
  bool has_lists = true;  // of the statement
  std::size_t resource_bytes = std::string_view::npos;
};

void WriteStatement(json::Writer& writer, const Decision& decision, const Detail& detail) {
  writer.BeginObject();
  Text(writer, "statementId", NameOf(*decision.policy, *decision.statement));
  Text(writer, "policy", decision.policy->source());
  Text(writer, "effect", decision.statement->effect() == Effect::kAllow ? "ALLOW" : "DENY");
  if (detail.has_lists) {
    Values(writer, "actions", decision.statement->actions());
    Values(writer, "resources", decision.statement->resources());
  }
  writer.EndObject();
}

std::string Explain(const Question& question, const Decision& decision, const Detail& detail) {
  std::string text;
  json::Writer writer(text);
  writer.BeginObject();
  writer.Name("allowed");
  writer.Bool(decision.allowed);
  writer.Name("explicitDeny");
  writer.Bool(!decision.allowed && decision.is_explicit);
  Items(writer, "matchedStatements", [&] {
    const bool is_ours = decision.cause != Cause::kResourcePolicy || question.owner == question.principal.account;
    if (decision.statement != nullptr && is_ours) WriteStatement(writer, decision, detail);
  });
  Items(writer, "failures", [] {});
  writer.Name("context");
  writer.BeginObject();
  writer.Name("principal");
  writer.BeginObject();
  Text(writer, "id", question.principal.user_id);
  Text(writer, "arn", question.principal.arn);
  writer.EndObject();
  Text(writer, "action", question.action);
  Text(writer, "resource", question.resource.substr(0, detail.resource_bytes));
  Items(writer, "conditions", [&] {
    std::size_t keys = detail.keys;
    for (const auto& [key, values] : question.context.All()) {
      if (keys == 0) return;
      --keys;
      writer.BeginObject();
      Text(writer, "key", key);
      Values(writer, "values", values);
      writer.EndObject();
    }
  });
  writer.EndObject();
  writer.EndObject();
  return text;
}

}  // namespace

std::string ExplainDecision(const Question& question, const Decision& decision, std::size_t bytes_max) {
  constexpr std::size_t kResourceBytes = 256;  // each may become six in JSON
  const std::size_t all = question.context.All().size();
  for (const bool has_lists : {true, false}) {
    for (std::size_t keys = all;; keys /= 2) {
      std::string text = Explain(question, decision, {.keys = keys, .has_lists = has_lists});
      if (text.size() <= bytes_max) return text;
      if (keys == 0) break;
    }
  }
  return Explain(question, decision, {.keys = 0, .has_lists = false, .resource_bytes = kResourceBytes});
}

}  // namespace firmsign::policy
