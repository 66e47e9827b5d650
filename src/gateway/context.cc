// SPDX-License-Identifier: Apache-2.0

#include "gateway/context.h"

#include <string>
#include <utility>

#include "base/time.h"

namespace firmsign::gateway {
namespace {

constexpr std::string_view kRequestTag = "aws:RequestTag";
constexpr std::string_view kTagKeys = "aws:TagKeys";

std::string_view TypeOf(policy::PrincipalType type) {
  switch (type) {
    case policy::PrincipalType::kAnonymous: return "Anonymous";
    case policy::PrincipalType::kRoot:
    case policy::PrincipalType::kOperator: return "Account";
    case policy::PrincipalType::kUser: return "User";
    case policy::PrincipalType::kAssumedRole: return "AssumedRole";
    case policy::PrincipalType::kFederatedUser: return "FederatedUser";
    case policy::PrincipalType::kWebIdentity:
    case policy::PrincipalType::kSaml:
    case policy::PrincipalType::kService: break;
  }
  return "";
}

std::string Spell(bool value) { return value ? "true" : "false"; }

void AddSession(const policy::Session& session, Instant now, policy::Context& context) {
  context.Add("aws:TokenIssueTime", FormatIso8601(session.issued_at));
  context.Add("aws:MultiFactorAuthPresent", Spell(session.mfa_at.has_value()));
  if (session.mfa_at) {
    context.Add("aws:MultiFactorAuthAge", std::to_string((now.micros - session.mfa_at->micros) / 1'000'000));
  }
  if (!session.source_identity.empty()) context.Add("aws:SourceIdentity", session.source_identity);
  if (!session.provider.empty()) context.Add("aws:FederatedProvider", session.provider);
  context.Merge(session.claims);
}

void AddPrincipal(const policy::Principal& caller, const policy::Tags& tags, Instant now, policy::Context& context) {
  if (const std::string_view type = TypeOf(caller.type); !type.empty()) {
    context.Add("aws:PrincipalType", std::string(type));
  }
  context.Add("aws:PrincipalIsAWSService", Spell(caller.type == policy::PrincipalType::kService));
  // Nor has anybody a name here who only shows a token; its claims are the resolver's to tell.
  if (caller.type == policy::PrincipalType::kAnonymous || caller.type == policy::PrincipalType::kWebIdentity ||
      caller.type == policy::PrincipalType::kSaml) {
    return;
  }
  // A session of a role is the role here.
  context.Add("aws:PrincipalArn", caller.entity_arn.empty() ? caller.arn : caller.entity_arn);
  if (!caller.account.empty()) context.Add("aws:PrincipalAccount", caller.account.str());
  if (!caller.user_id.empty()) context.Add("aws:userid", caller.user_id);
  if (caller.type == policy::PrincipalType::kUser) context.Add("aws:username", caller.name);
  for (const auto& [key, value] : tags) context.Set("aws:PrincipalTag/" + key, value);
  if (caller.session == nullptr) return;
  for (const auto& [key, value] : caller.session->tags) context.Set("aws:PrincipalTag/" + key, value);
  AddSession(*caller.session, now, context);
}

void AddTag(std::string_view key, std::string_view value, policy::Context& context) {
  context.Set(std::string(kRequestTag) + "/" + std::string(key), std::string(value));
  context.Add(kTagKeys, std::string(key));
}

// The text of a structure's string member; empty when it is absent.
std::string_view TextOf(const aws::Shape& shape, const void* object, std::string_view name) {
  for (const aws::Member& member : shape.members) {
    if (member.name != name) continue;
    const void* value = member.get(object);
    return value != nullptr ? *static_cast<const std::string*>(value) : std::string_view();
  }
  return {};
}

void AddTags(const aws::Shape& shape, const void* value, policy::Context& context) {
  context.AddKey(kTagKeys);
  if (shape.kind == aws::Kind::kMap) {
    for (const auto& [key, text] : *static_cast<const aws::StringMap*>(value)) AddTag(key, text, context);
    return;
  }
  for (std::size_t i = 0; i < shape.list->size(value); ++i) {
    const void* tag = shape.list->at(value, i);
    AddTag(TextOf(*shape.element, tag, "Key"), TextOf(*shape.element, tag, "Value"), context);
  }
}

void AddMember(std::string_view key, const aws::Shape& shape, const void* value, policy::Context& context) {
  switch (shape.kind) {
    case aws::Kind::kString: return context.Add(key, *static_cast<const std::string*>(value));
    case aws::Kind::kBoolean: return context.Add(key, Spell(*static_cast<const bool*>(value)));
    case aws::Kind::kLong: return context.Add(key, std::to_string(*static_cast<const std::int64_t*>(value)));
    case aws::Kind::kTimestamp: return context.Add(key, FormatIso8601(*static_cast<const Instant*>(value)));
    case aws::Kind::kList:
      context.AddKey(key);
      for (std::size_t i = 0; i < shape.list->size(value); ++i) {
        AddMember(key, *shape.element, shape.list->at(value, i), context);
      }
      return;
    case aws::Kind::kDouble:
    case aws::Kind::kBlob:
    case aws::Kind::kSecretBlob:
    case aws::Kind::kStructure:
    case aws::Kind::kMap: return;
  }
}

}  // namespace

policy::Context MakeContext(const CallFacts& facts, const void* input, const policy::Tags& tags) {
  policy::Context context;
  context.Add("aws:CurrentTime", FormatIso8601(facts.now));
  context.Add("aws:EpochTime", std::to_string(facts.now.micros / 1'000'000));
  context.Add("aws:SecureTransport", Spell(facts.tls));
  context.Add("aws:ViaAWSService", Spell(false));
  context.Add("aws:RequestedRegion", facts.region.str());
  if (!facts.source_ip.empty()) context.Add("aws:SourceIp", facts.source_ip);
  if (!facts.user_agent.empty()) context.Add("aws:UserAgent", facts.user_agent);
  if (!facts.referer.empty()) context.Add("aws:Referer", facts.referer);
  context.Merge(facts.signature);
  AddPrincipal(facts.caller, tags, facts.now, context);
  AddInput(*facts.operation->input, input, context);
  return context;
}

void AddInput(const aws::Shape& shape, const void* input, policy::Context& context) {
  for (const aws::Member& member : shape.members) {
    if (member.condition_key.empty()) continue;
    const void* value = member.get(input);
    if (value == nullptr) continue;
    if (member.condition_key == kRequestTag) {
      AddTags(*member.shape, value, context);
    } else {
      AddMember(member.condition_key, *member.shape, value, context);
    }
  }
}

}  // namespace firmsign::gateway
