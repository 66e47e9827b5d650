// SPDX-License-Identifier: Apache-2.0

#include "services/iam/session_tokens.h"

#include <memory>
#include <utility>

#include "base/encoding.h"
#include "platform/json/json.h"
#include "services/iam/store.h"

namespace firmsign::iam {
namespace {

constexpr SecretAccess kSealing("a session's secret goes into the sealed token that its owner carries");
constexpr std::size_t kTokenBytesMax = 32 << 10;

std::string ContextOf(const AccessKeyId& key) { return "iam/session/" + key.str(); }

void Text(json::Writer& writer, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  writer.Name(name);
  writer.String(value);
}

void Texts(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  writer.Name(name);
  writer.BeginArray();
  for (const std::string& value : values) writer.String(value);
  writer.EndArray();
}

std::string TextAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.Find(name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

std::int64_t NumberAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.Find(name);
  return value != nullptr && value->AsInt() != nullptr ? *value->AsInt() : 0;
}

std::vector<std::string> TextsAt(const json::Value& object, std::string_view name) {
  std::vector<std::string> texts;
  const json::Value* value = object.Find(name);
  if (value == nullptr || value->AsArray() == nullptr) return texts;
  for (const json::Value& one : *value->AsArray()) {
    if (one.AsString() != nullptr) texts.push_back(*one.AsString());
  }
  return texts;
}

void WriteSession(json::Writer& writer, const policy::Session& session) {
  writer.Name("issued");
  writer.Int(session.issued_at.micros);
  writer.Name("expires");
  writer.Int(session.expires_at.micros);
  if (session.mfa_at) {
    writer.Name("mfa");
    writer.Int(session.mfa_at->micros);
  }
  Text(writer, "source", session.source_identity);
  Text(writer, "provider", session.provider);
  Texts(writer, "transitive", session.transitive_tag_keys);
  if (session.is_chained) {
    writer.Name("chained");
    writer.Bool(true);
  }
  writer.Name("tags");
  writer.BeginObject();
  for (const auto& [key, value] : session.tags) {
    writer.Name(key);
    writer.String(value);
  }
  writer.EndObject();
  writer.Name("claims");
  writer.BeginObject();
  for (const auto& [key, values] : session.claims.entries()) Texts(writer, key, values);
  writer.EndObject();
}

policy::Session ReadSession(const json::Value& json) {
  policy::Session session{.issued_at = Instant{NumberAt(json, "issued")},
                          .expires_at = Instant{NumberAt(json, "expires")}};
  if (json.Find("mfa") != nullptr) session.mfa_at = Instant{NumberAt(json, "mfa")};
  session.source_identity = TextAt(json, "source");
  session.provider = TextAt(json, "provider");
  session.transitive_tag_keys = TextsAt(json, "transitive");
  session.is_chained = json.Find("chained") != nullptr;
  if (const json::Value* tags = json.Find("tags"); tags != nullptr && tags->AsObject() != nullptr) {
    for (const auto& [key, value] : *tags->AsObject()) session.tags.emplace_back(key, *value.AsString());
  }
  if (const json::Value* claims = json.Find("claims"); claims != nullptr && claims->AsObject() != nullptr) {
    for (const auto& [key, values] : *claims->AsObject()) {
      for (std::string& value : TextsAt(*claims, key)) session.claims.Add(key, std::move(value));
    }
  }
  return session;
}

}  // namespace

Expected<ports::IssuedSession> SessionTokens::Issue(const ports::NewSession& session) const {
  ports::IssuedSession issued{.access_key = MakeAccessKeyId(random_, "ASIA"), .secret = MakeSecretAccessKey(random_)};
  const policy::Principal& principal = session.principal;
  std::string text;
  json::Writer writer(text);
  writer.BeginObject();
  Text(writer, "secret", issued.secret.Reveal(kSealing));
  Text(writer, "type", policy::NameOf(principal.type));
  Text(writer, "account", principal.account.str());
  Text(writer, "arn", principal.arn);
  Text(writer, "userId", principal.user_id);
  Text(writer, "entityId", principal.entity_id);
  Text(writer, "entityArn", principal.entity_arn);
  Text(writer, "name", principal.name);
  Text(writer, "policy", session.policy);
  Texts(writer, "policyArns", session.policy_arns);
  Text(writer, "parent", session.parent.str());
  WriteSession(writer, *principal.session);
  writer.EndObject();
  issued.token = EncodeBase64(keyring_.Seal(ContextOf(issued.access_key), SecretBytes(std::move(text))));
  return issued;
}

Expected<OpenedSession> SessionTokens::Open(const AccessKeyId& key, std::string_view token) const {
  const auto invalid = [] { return Fail(Code::kInvalid, "the session token is not one of this deployment"); };
  if (token.size() > kTokenBytesMax) return invalid();
  const auto box = DecodeBase64(token);
  if (!box) return invalid();
  const auto opened = keyring_.Open(ContextOf(key), *box);
  if (!opened) return invalid();
  const auto json = json::Parse(opened->Reveal(kSealing));
  if (!json) return Fail(Code::kCorrupt, "a session token of ours cannot be read: " + json.error().message);
  OpenedSession session{.principal = {}, .secret = SecretBytes(TextAt(*json, "secret"))};
  policy::Principal& principal = session.principal;
  const std::string type = TextAt(*json, "type");
  for (const policy::PrincipalType one : {policy::PrincipalType::kRoot, policy::PrincipalType::kUser,
                                          policy::PrincipalType::kAssumedRole, policy::PrincipalType::kFederatedUser}) {
    if (policy::NameOf(one) == type) principal.type = one;
  }
  principal.account = AccountId(TextAt(*json, "account"));
  principal.arn = TextAt(*json, "arn");
  principal.user_id = TextAt(*json, "userId");
  principal.access_key = key;
  principal.entity_id = TextAt(*json, "entityId");
  principal.entity_arn = TextAt(*json, "entityArn");
  principal.name = TextAt(*json, "name");
  principal.session = std::make_shared<const policy::Session>(ReadSession(*json));
  session.policy = TextAt(*json, "policy");
  session.policy_arns = TextsAt(*json, "policyArns");
  session.parent = AccessKeyId(TextAt(*json, "parent"));
  return session;
}

}  // namespace firmsign::iam
