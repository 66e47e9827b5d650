// SPDX-License-Identifier: Apache-2.0

#include "services/iam/principals.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <utility>

#include "platform/json/json.h"
#include "services/iam/entity_store.h"

namespace firmsign::iam {
namespace {

using Renaming = std::function<Expected<std::string>(const std::string&)>;

json::Value TextValue(std::string text) { return json::Value(json::Value::Storage(std::move(text))); }

// A text, or each text of a list.
Expected<json::Value> RenameTexts(const json::Value& value, const Renaming& rename) {
  if (const std::string* text = value.AsString()) {
    ASSIGN_OR_RETURN(std::string renamed, rename(*text));
    return TextValue(std::move(renamed));
  }
  if (value.AsArray() == nullptr) return value;
  json::Array list;
  for (const json::Value& one : *value.AsArray()) {
    ASSIGN_OR_RETURN(json::Value renamed, RenameTexts(one, rename));
    list.push_back(std::move(renamed));
  }
  return json::Value(json::Value::Storage(std::move(list)));
}

using Changing = std::function<Expected<json::Value>(const json::Value&)>;

// The same object, with the members of these names changed; anything else as it is.
Expected<json::Value> ChangeMembers(const json::Value& value, std::initializer_list<std::string_view> names,
                                    const Changing& change) {
  if (value.AsObject() == nullptr) return value;
  json::Object members;
  for (const auto& [name, member] : *value.AsObject()) {
    bool is_named = false;
    for (const std::string_view one : names) is_named = is_named || one == name;
    json::Value changed = member;
    if (is_named) {
      ASSIGN_OR_RETURN(changed, change(member));
    }
    members.emplace_back(name, std::move(changed));
  }
  return json::Value(json::Value::Storage(std::move(members)));
}

Expected<std::string> RenamePrincipals(const std::string& document, const Renaming& rename) {
  const auto json = json::Parse(document);
  if (!json) return Fail(Code::kCorrupt, "a policy cannot be read: " + json.error().message);
  bool has_changed = false;
  const Renaming watched = [&](const std::string& name) -> Expected<std::string> {
    ASSIGN_OR_RETURN(std::string renamed, rename(name));
    has_changed = has_changed || renamed != name;
    return renamed;
  };
  const Changing in_principal = [&](const json::Value& principal) {
    return ChangeMembers(principal, {"AWS"}, [&](const json::Value& names) { return RenameTexts(names, watched); });
  };
  const Changing in_statement = [&](const json::Value& statement) {
    return ChangeMembers(statement, {"Principal", "NotPrincipal"}, in_principal);
  };
  const Changing in_statements = [&](const json::Value& statements) -> Expected<json::Value> {
    if (statements.AsArray() == nullptr) return in_statement(statements);
    json::Array list;
    for (const json::Value& statement : *statements.AsArray()) {
      ASSIGN_OR_RETURN(json::Value changed, in_statement(statement));
      list.push_back(std::move(changed));
    }
    return json::Value(json::Value::Storage(std::move(list)));
  };
  ASSIGN_OR_RETURN(const json::Value changed, ChangeMembers(*json, {"Statement"}, in_statements));
  return has_changed ? json::Write(changed) : document;
}

}  // namespace

Expected<std::string> WithIds(db::Reader& reader, const std::string& document) {
  return RenamePrincipals(document, [&](const std::string& name) -> Expected<std::string> {
    for (const Kind kind : {Kind::kUser, Kind::kRole}) {
      if (!ParseEntityArn(name, kind)) continue;
      ASSIGN_OR_RETURN(const auto found, entities::FindByArn(reader, kind, name));
      if (found) return found->id;
      return Fail(Code::kInvalid, fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", name));
    }
    return name;
  });
}

Expected<std::string> WithArns(db::Reader& reader, const std::string& document) {
  if (document.find("AIDA") == std::string::npos && document.find("AROA") == std::string::npos) return document;
  return RenamePrincipals(document, [&](const std::string& name) -> Expected<std::string> {
    if (!name.starts_with("AIDA") && !name.starts_with("AROA")) return name;
    ASSIGN_OR_RETURN(const auto found, entities::FindById(reader, name));
    return found ? found->arn() : name;
  });
}

namespace {

using RenamePrincipalsIn = Expected<std::string> (*)(db::Reader&, const std::string&);

Expected<std::string> FromOneSnapshot(db::Database& database, const std::string& document, RenamePrincipalsIn rename) {
  std::string changed;
  RETURN_IF_ERROR(database.Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(changed, rename(reader, document));
    return {};
  }));
  return changed;
}

}  // namespace

Expected<std::string> Principals::WithIds(const std::string& document) const {
  return FromOneSnapshot(database_, document, &iam::WithIds);
}

Expected<std::string> Principals::WithArns(const std::string& document) const {
  return FromOneSnapshot(database_, document, &iam::WithArns);
}

}  // namespace firmsign::iam
