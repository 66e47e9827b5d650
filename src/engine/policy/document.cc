// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::policy {
namespace {

constexpr std::string_view kNewVersion = "2012-10-17";
constexpr std::string_view kOldVersion = "2008-10-17";
constexpr std::size_t kShownCharactersMax = 128;

bool IsAlphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::unexpected<Error> Malformed(std::string message) { return Fail(Code::kInvalid, std::move(message)); }

std::string Shown(std::string_view text) { return std::string(text.substr(0, kShownCharactersMax)); }

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

// `service:Name` with wildcards in the name, `*`, or `*:*`.
bool IsAction(std::string_view text) {
  if (text == "*" || text == "*:*") return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto is_vendor_letter = [](char c) { return IsAlphanumeric(c) || c == '-'; };
  const auto is_name_letter = [](char c) { return IsAlphanumeric(c) || c == '*' || c == '?'; };
  return std::ranges::all_of(text.substr(0, colon), is_vendor_letter) &&
         std::ranges::all_of(text.substr(colon + 1), is_name_letter);
}

// "arn:aws:iam::111122223333:user/x": what follows "arn:aws:iam::111122223333:", with the account before it.
struct IdentityArn {
  std::string_view service;
  std::string_view account;
  std::string_view rest;
};

std::optional<IdentityArn> ReadIdentityArn(std::string_view text) {
  constexpr std::size_t kAccountDigits = 12;
  for (const std::string_view service : {"iam", "sts"}) {
    const std::string prefix = fmt::format("arn:aws:{}::", service);
    if (!text.starts_with(prefix)) continue;
    const std::string_view account = text.substr(prefix.size(), kAccountDigits);
    text.remove_prefix(prefix.size() + account.size());
    if (!IsAccountId(account) || !text.starts_with(':')) return std::nullopt;
    return IdentityArn{service, account, text.substr(1)};
  }
  return std::nullopt;
}

bool IsUniqueId(std::string_view text) {
  constexpr std::size_t kUniqueIdCharsMin = 16;
  const auto is_letter = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  return (text.starts_with("AIDA") || text.starts_with("AROA")) && text.size() >= kUniqueIdCharsMin &&
         std::ranges::all_of(text, is_letter);
}

}  // namespace

Expected<void> PrincipalSet::CheckAws(const std::string& name) {
  if (IsAccountId(name) || IsUniqueId(name)) return {};
  const auto arn = ReadIdentityArn(name);
  const bool has_wildcard = name.find_first_of("*?") != std::string::npos;
  const auto begins = [&](std::string_view prefix) {
    return arn->rest.starts_with(prefix) && arn->rest.size() > prefix.size();
  };
  if (arn && !has_wildcard && arn->service == "iam" && (arn->rest == "root" || begins("user/") || begins("role/"))) {
    return {};
  }
  if (arn && !has_wildcard && arn->service == "sts" && (begins("assumed-role/") || begins("federated-user/"))) {
    return {};
  }
  return Malformed(fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", Shown(name)));
}

Expected<PrincipalSet> PrincipalSet::Parse(const json::Value& element) {
  PrincipalSet set;
  if (const std::string* text = element.AsString()) {
    if (*text != "*") return Malformed(fmt::format("Invalid principal in policy: \"{}\"", Shown(*text)));
    set.is_everybody_ = true;
    return set;
  }
  const json::Object* kinds = element.AsObject();
  if (kinds == nullptr || kinds->empty()) return Malformed("Invalid principal in policy");
  for (const auto& [kind, value] : *kinds) {
    const auto names = TextsOf(value);
    if (!names || names->empty()) return Malformed(fmt::format("Invalid principal in policy: \"{}\"", Shown(kind)));
    std::vector<std::string>* list = nullptr;
    if (kind == "AWS") list = &set.aws_;
    if (kind == "Service") list = &set.services_;
    if (kind == "Federated") list = &set.federated_;
    if (kind == "CanonicalUser") list = &set.canonical_;
    if (list == nullptr) return Malformed(fmt::format("Invalid principal in policy: \"{}\"", Shown(kind)));
    for (const std::string& name : *names) {
      if (kind == "AWS" && name == "*") {
        set.is_everybody_ = true;
        continue;
      }
      if (kind == "AWS") RETURN_IF_ERROR(CheckAws(name));
      if (name.empty() || name.find_first_of("*?") != std::string::npos) {
        return Malformed(fmt::format("Invalid principal in policy: \"{}\":\"{}\"", kind, Shown(name)));
      }
      list->push_back(name);
    }
  }
  return set;
}

bool PrincipalSet::NamesAccount(const AccountId& account) const {
  if (Contains(aws_, account.str()) || Contains(aws_, "arn:aws:iam::" + account.str() + ":root")) return true;
  return !canonical_.empty() && Contains(canonical_, CanonicalUserId(account));
}

Naming PrincipalSet::Names(const Principal& principal) const {
  if (is_everybody_) return Naming::kCaller;
  switch (principal.type) {
    case PrincipalType::kAnonymous: return Naming::kNone;
    case PrincipalType::kService: return Contains(services_, principal.name) ? Naming::kCaller : Naming::kNone;
    case PrincipalType::kWebIdentity:
    case PrincipalType::kSaml: return Contains(federated_, principal.entity_arn) ? Naming::kCaller : Naming::kNone;
    case PrincipalType::kUser:
      if (Contains(aws_, principal.arn) || Contains(aws_, principal.entity_id)) return Naming::kCaller;
      break;
    case PrincipalType::kAssumedRole:
      if (Contains(aws_, principal.arn)) return Naming::kCaller;
      if (Contains(aws_, principal.entity_arn) || Contains(aws_, principal.entity_id)) return Naming::kRole;
      break;
    case PrincipalType::kFederatedUser:
      if (Contains(aws_, principal.arn)) return Naming::kCaller;
      break;
    case PrincipalType::kRoot:
    case PrincipalType::kOperator: break;
  }
  return NamesAccount(principal.account) ? Naming::kAccount : Naming::kNone;
}

bool PrincipalSet::Excepts(const Principal& principal) const {
  const Naming naming = Names(principal);
  const bool is_root = principal.type == PrincipalType::kRoot || principal.type == PrincipalType::kOperator;
  return naming == Naming::kAccount ? is_root : naming != Naming::kNone;
}

bool Statement::MatchesAction(std::string_view action) const {
  const bool is_listed = std::ranges::any_of(actions_, [&](const Pattern& pattern) { return pattern.Matches(action); });
  return is_listed != is_not_action_;
}

bool Statement::MatchesResource(const Request& request) const {
  if (resources_.empty()) return true;
  bool unresolved = false;
  const bool is_listed = std::ranges::any_of(resources_, [&](const Resource& resource) {
    if (resource.written.is_constant()) return resource.ready.Matches(request.resource);
    const std::optional<Pattern> resolved = resource.written.Resolve(request.context);
    unresolved = unresolved || !resolved;
    return resolved && ArnPattern(*resolved).Matches(request.resource);
  });
  // "Everything but what the variable says" is not everything because the variable says nothing.
  if (is_not_resource_ && unresolved && effect_ == Effect::kAllow) return false;
  return is_listed != is_not_resource_;
}

bool Statement::Matches(const Request& request, std::string_view action) const {
  return MatchesAction(action) && MatchesResource(request) &&
         condition_.Holds(request.context, /*variables_fail=*/effect_ == Effect::kAllow);
}

Naming Statement::MatchesFor(const Request& request, std::string_view action) const {
  Naming naming = Naming::kCaller;
  if (has_principals_ && is_not_principal_) {
    naming = principals_.Excepts(request.principal) ? Naming::kNone : Naming::kCaller;
  } else if (has_principals_) {
    naming = principals_.Names(request.principal);
  }
  return naming != Naming::kNone && Matches(request, action) ? naming : Naming::kNone;
}

void Statement::AddKeys(std::vector<std::string>& keys) const {
  const std::vector<std::string> asked = condition_.Keys();
  keys.insert(keys.end(), asked.begin(), asked.end());
  condition_.AddVariables(keys);
  for (const Resource& resource : resources_) resource.written.AddVariables(keys);
}

bool Policy::MayAllow(const Principal& principal) const {
  return only_account_.empty() || principal.account == only_account_ || principal.type == PrincipalType::kService;
}

Policy::Policy(std::string source, Document document, AccountId only_account)
    : source_(std::move(source)), document_(std::move(document)), only_account_(std::move(only_account)) {
  for (const Statement& statement : document_.statements) {
    statement.AddKeys(keys_);
  }
}

std::optional<StatementPlace> Policy::PlaceOf(const Statement& statement) const {
  const auto index = static_cast<std::size_t>(&statement - document_.statements.data());
  if (document_.places.size() != document_.statements.size()) return std::nullopt;
  return document_.places[index];
}

bool Policy::AsksFor(std::string_view prefix) const {
  return std::ranges::any_of(keys_, [&](const std::string& key) { return key.starts_with(prefix); });
}

bool Statement::IsPublic() const {
  return effect_ == Effect::kAllow && !condition_.LimitsCallers() && has_principals_ &&
         (is_not_principal_ || principals_.names_everybody());
}

// Makes one statement of its JSON. The message of a failure ends with the member that is wrong, as in " (.Action)".
class StatementParser {
 public:
  StatementParser(const json::Value& json, DocumentKind kind, bool has_variables)
      : json_(json), kind_(kind), has_variables_(has_variables) {}

  Expected<Statement> Parse() {
    RETURN_IF_ERROR(CheckMembers());
    RETURN_IF_ERROR(ReadSid());
    RETURN_IF_ERROR(ReadEffect());
    RETURN_IF_ERROR(ReadPrincipal());
    RETURN_IF_ERROR(ReadActions());
    RETURN_IF_ERROR(ReadResources());
    if (const json::Value* condition = json_.Find("Condition")) {
      auto parsed = Condition::Parse(*condition, has_variables_);
      if (!parsed) return Malformed(parsed.error().message + " (.Condition)");
      statement_.condition_ = *std::move(parsed);
    }
    return std::move(statement_);
  }

 private:
  Expected<void> CheckMembers() const {
    constexpr std::string_view kMembers[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                             "NotAction", "Resource", "NotResource", "Condition"};
    if (json_.AsObject() == nullptr) return Malformed("a statement is an object");
    for (const auto& [name, value] : *json_.AsObject()) {
      if (std::ranges::find(kMembers, name) == std::end(kMembers)) {
        return Malformed(fmt::format("Unknown field {}", Shown(name)));
      }
    }
    return {};
  }

  Expected<void> ReadSid() {
    const json::Value* sid = json_.Find("Sid");
    if (sid == nullptr) return {};
    if (sid->AsString() == nullptr) return Malformed("Statement IDs (SID) are texts (.Sid)");
    statement_.sid_ = *sid->AsString();
    if (kind_ != DocumentKind::kResource && !std::ranges::all_of(statement_.sid_, IsAlphanumeric)) {
      return Malformed(
          "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
          "[0-9A-Za-z]* (.Sid)");
    }
    return {};
  }

  Expected<void> ReadEffect() {
    const json::Value* effect = json_.Find("Effect");
    if (effect == nullptr) return Malformed("Missing required field Effect");
    const std::string text = TextOf(*effect).value_or("");
    if (text != "Allow" && text != "Deny") return Malformed("Invalid effect: Allow or Deny is meant (.Effect)");
    statement_.effect_ = text == "Allow" ? Effect::kAllow : Effect::kDeny;
    return {};
  }

  // The member of one of two names, of which a statement has at most one. nullptr: neither.
  Expected<const json::Value*> OneOf(std::string_view name, bool& is_inverted) const {
    const std::string inverse = fmt::format("Not{}", name);
    const json::Value* plain = json_.Find(name);
    const json::Value* inverted = json_.Find(inverse);
    if (plain != nullptr && inverted != nullptr) {
      return Malformed(fmt::format("A statement has both {} and {}", name, inverse));
    }
    is_inverted = inverted != nullptr;
    return plain != nullptr ? plain : inverted;
  }

  Expected<void> ReadPrincipal() {
    ASSIGN_OR_RETURN(const json::Value* element, OneOf("Principal", statement_.is_not_principal_));
    if (kind_ == DocumentKind::kIdentity) {
      if (element != nullptr) return Malformed("Policy document should not specify a principal. (.Principal)");
      return {};
    }
    if (element == nullptr) return Malformed("Missing required field Principal");
    if (kind_ == DocumentKind::kTrust && statement_.is_not_principal_ && statement_.effect_ == Effect::kAllow) {
      return Malformed("Allow with NotPrincipal is not allowed in a role's trust policy (.NotPrincipal)");
    }
    auto parsed = PrincipalSet::Parse(*element);
    if (!parsed) return Malformed(parsed.error().message + " (.Principal)");
    statement_.principals_ = *std::move(parsed);
    statement_.has_principals_ = true;
    return {};
  }

  Expected<void> ReadActions() {
    ASSIGN_OR_RETURN(const json::Value* element, OneOf("Action", statement_.is_not_action_));
    if (element == nullptr) return Malformed("Missing required field Action: Policy statement must contain actions.");
    auto texts = TextsOf(*element);
    if (!texts || texts->empty()) return Malformed("Policy statement must contain actions. (.Action)");
    for (const std::string& text : *texts) {
      if (!IsAction(text)) {
        return Malformed(fmt::format(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: {} is none (.Action)",
            Shown(text)));
      }
      if (kind_ == DocumentKind::kTrust && !EqualsIgnoreCase(text.substr(0, 4), "sts:")) {
        return Malformed("AssumeRole policy may only specify STS AssumeRole actions. (.Action)");
      }
      // Never fails without variables.
      Pattern pattern = Template::Parse(text, {.has_variables = false})->constant();
      pattern.LowerCase();
      statement_.actions_.push_back(std::move(pattern));
    }
    statement_.action_texts_ = *std::move(texts);
    return {};
  }

  Expected<void> ReadResources() {
    ASSIGN_OR_RETURN(const json::Value* element, OneOf("Resource", statement_.is_not_resource_));
    if (kind_ == DocumentKind::kTrust) {
      if (element != nullptr) return Malformed("Has prohibited field Resource (.Resource)");
      return {};
    }
    if (element == nullptr) {
      return Malformed("Missing required field Resource: Policy statement must contain resources.");
    }
    auto texts = TextsOf(*element);
    if (!texts || texts->empty()) return Malformed("Policy statement must contain resources. (.Resource)");
    for (const std::string& text : *texts) {
      auto written = Template::Parse(text, {.has_variables = has_variables_});
      if (!written) return Malformed(written.error().message + " (.Resource)");
      if (auto checked = CheckResource(text); !checked) return checked;
      ArnPattern ready(written->is_constant() ? written->constant() : Pattern());
      statement_.resources_.push_back({*std::move(written), std::move(ready)});
    }
    statement_.resource_texts_ = *std::move(texts);
    return {};
  }

  // `*`, or six parts of which the third is a service without wildcards and only the last has variables.
  static Expected<void> CheckResource(std::string_view text) {
    if (text.find_first_not_of('*') == std::string_view::npos && !text.empty()) return {};
    std::vector<std::string_view> parts;
    std::string_view rest = text;
    for (std::size_t colon = rest.find(':'); parts.size() < 5 && colon != std::string_view::npos;
         colon = rest.find(':')) {
      parts.push_back(rest.substr(0, colon));
      rest.remove_prefix(colon + 1);
    }
    if (parts.size() != 5 || parts[0] != "arn") {
      return Malformed(fmt::format("Resource {} must be in ARN format or \"*\". (.Resource)", Shown(text)));
    }
    if (parts[2].empty() || parts[2].find_first_of("*?$") != std::string_view::npos) {
      return Malformed(fmt::format("Resource vendor must be fully qualified and cannot contain regexes: {} (.Resource)",
                                   Shown(text)));
    }
    const auto has_variable = [](std::string_view part) { return part.find("${") != std::string_view::npos; };
    if (std::ranges::any_of(parts, has_variable)) {
      return Malformed(
          fmt::format("Policy variables stand only after the fifth colon of an ARN: {} (.Resource)", Shown(text)));
    }
    return {};
  }

  const json::Value& json_;
  const DocumentKind kind_;
  const bool has_variables_;
  Statement statement_;
};

Expected<Document> ParseDocument(std::string_view text, DocumentKind kind) {
  const auto json = json::Parse(text);
  if (!json) return Malformed("This policy contains invalid Json: " + json.error().message);
  if (json->AsObject() == nullptr) return Malformed("This policy contains invalid Json: it is not an object");
  Document document{.version = std::string(kOldVersion),
                    .id = {},
                    .statements = {},
                    .places = PlacesOfStatements(text),
                    .bytes = text.size()};
  for (const auto& [name, value] : *json->AsObject()) {
    const std::string given = value.AsString() != nullptr ? *value.AsString() : "";
    if (name == "Version") {
      if (given != kNewVersion && given != kOldVersion) {
        return Malformed("The policy must contain a valid version string: 2012-10-17 or 2008-10-17 (Version)");
      }
      document.version = given;
    } else if (name == "Id" && value.AsString() != nullptr) {
      document.id = given;
    } else if (name != "Statement") {
      return Malformed(fmt::format("Unknown field {}", Shown(name)));
    }
  }
  const json::Value* element = json->Find("Statement");
  if (element == nullptr) return Malformed("Missing required field Statement");
  const auto list = element->AsArray() != nullptr ? std::span<const json::Value>(*element->AsArray())
                                                  : std::span<const json::Value>(element, 1);
  if (list.empty()) return Malformed("Could not parse the policy: Statement is empty!");
  std::vector<std::string> sids;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = element->AsArray() != nullptr ? fmt::format("Statement[{}]", i) : "Statement";
    auto statement = StatementParser(list[i], kind, document.version == kNewVersion).Parse();
    if (!statement) {
      std::string message = std::move(statement).error().message;
      // " (.Action)" becomes " (Statement[0].Action)".
      const std::size_t member = message.ends_with(')') ? message.rfind(" (.") : std::string::npos;
      if (member != std::string::npos) {
        message.insert(member + 2, place);
      } else {
        message += " (" + place + ")";
      }
      return Malformed(std::move(message));
    }
    if (!statement->sid().empty()) sids.push_back(statement->sid());
    document.statements.push_back(*std::move(statement));
  }
  std::ranges::sort(sids);
  if (std::ranges::adjacent_find(sids) != sids.end()) {
    return Malformed(fmt::format("Statement IDs (SID) in a single policy must be unique: {}",
                                 Shown(*std::ranges::adjacent_find(sids))));
  }
  return document;
}

std::size_t CountedCharacters(std::string_view text) {
  std::size_t count = 0;
  bool is_inside = false;   // of a string
  bool is_escaped = false;  // by the backslash before
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!continues && (is_inside || !is_blank)) ++count;
    if (c == '"' && !is_escaped) is_inside = !is_inside;
    is_escaped = is_inside && c == '\\' && !is_escaped;
  }
  return count;
}

}  // namespace firmsign::policy
