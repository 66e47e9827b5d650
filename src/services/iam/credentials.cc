// SPDX-License-Identifier: Apache-2.0

#include "services/iam/credentials.h"

#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "services/iam/entity_store.h"

namespace firmsign::iam {
namespace {

policy::Principal PrincipalOf(const Entity& user, const AccessKeyId& key) {
  policy::Principal principal{.type = policy::PrincipalType::kUser, .account = user.account};
  principal.arn = user.arn();
  principal.user_id = user.id;
  principal.access_key = key;
  principal.entity_id = user.id;
  principal.entity_arn = user.arn();
  principal.name = user.name;
  return principal;
}

// A user keeps its sessions when it is renamed, and its old name may be another's by now.
void CallByPresentName(const policy::Principal& user, policy::Principal& session) {
  if (user.type != policy::PrincipalType::kUser || session.entity_id != user.entity_id) return;
  session.entity_arn = user.entity_arn;
  if (session.type != policy::PrincipalType::kUser) return;
  session.arn = user.arn;
  session.name = user.name;
}

std::shared_ptr<const policy::Policy> BuiltIn(const char* source, std::string_view document) {
  auto parsed = policy::ParseDocument(document, policy::DocumentKind::kIdentity);
  CHECK(parsed.has_value());
  return std::make_shared<policy::Policy>(source, *std::move(parsed));
}

// What AWS documents of the sessions of GetFederationToken: they call neither IAM nor the token service. That everybody
// may ask who they are needs no policy.
std::shared_ptr<const policy::Policy> FederatedUserLimits() {
  static const auto kPolicy = BuiltIn("the limits of federated users", R"({"Version":"2012-10-17","Statement":[
      {"Sid":"NeitherIamNorSts","Effect":"Deny","Action":["iam:*","sts:*"],"Resource":"*"}]})");
  return kPolicy;
}

// And of those of GetSessionToken: of the token service AssumeRole alone, and without a code of an MFA device no IAM.
std::shared_ptr<const policy::Policy> OwnSessionLimits() {
  static const auto kPolicy = BuiltIn("the limits of sessions of users", R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Action":"*","Resource":"*"},
      {"Sid":"AssumeRoleAlone","Effect":"Deny","Action":["sts:Get*","sts:Decode*","sts:AssumeRoleWith*"],
       "Resource":"*"},
      {"Sid":"NoIamWithoutMfa","Effect":"Deny","Action":"iam:*","Resource":"*",
       "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]})");
  return kPolicy;
}

}  // namespace

Expected<ports::Credential> Credentials::Find(const AccessKeyId& key, std::string_view token) const {
  if (token.empty()) return FindKey(key);
  return FindSession(key, token);
}

Expected<ports::Credential> Credentials::FindKey(const AccessKeyId& key) const {
  ASSIGN_OR_RETURN(const std::uint64_t generation, generation_.Current());
  if (auto kept = keys_.Find(key.str(), generation)) return *std::move(kept);
  const auto unknown = [&] { return Fail(Code::kNotFound, "there is no active access key " + key.str()); };
  if (unknown_.Find(key.str(), generation)) return unknown();
  Expected<StoredAccessKey> stored = store_.FindAccessKey(key);
  if (!stored && stored.error().code != Code::kNotFound) return std::unexpected(std::move(stored).error());
  if (!stored || !stored->is_active) {
    unknown_.Keep(key.str(), generation, true);
    return unknown();
  }
  ports::Credential credential{.principal = policy::RootOf(stored->account, key), .secret = std::move(stored->secret)};
  if (!stored->user_id.empty()) {
    std::optional<Entity> user;
    RETURN_IF_ERROR(store_.database().ReadOne([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(user, entities::FindById(reader, stored->user_id));
      return {};
    }));
    if (!user) return unknown();  // removed between the two looks
    credential.principal = PrincipalOf(*user, key);
  }
  keys_.Keep(key.str(), generation, credential);
  return credential;
}

Expected<policy::Principal> Credentials::WithPolicies(const OpenedSession& opened) const {
  policy::Principal principal = opened.principal;
  const policy::PrincipalType type = principal.type;
  policy::PolicyList policies;
  if (type == policy::PrincipalType::kFederatedUser) policies.push_back(FederatedUserLimits());
  const bool is_own = type == policy::PrincipalType::kUser || type == policy::PrincipalType::kRoot;
  if (is_own) policies.push_back(OwnSessionLimits());
  if (policies.empty() && opened.policy.empty() && opened.policy_arns.empty()) return principal;
  if (!opened.policy.empty()) {
    auto parsed = policy::ParseDocument(opened.policy, policy::DocumentKind::kIdentity);
    if (!parsed) return Fail(Code::kCorrupt, "a session's policy cannot be read: " + parsed.error().message);
    policies.push_back(std::make_shared<policy::Policy>("the session policy", *std::move(parsed)));
  }
  for (const std::string& arn : opened.policy_arns) {
    auto managed = policies_.Managed(arn);
    // What is gone allows nothing; that there was a limit still counts.
    if (!managed && managed.error().code == Code::kNotFound) continue;
    if (!managed) return std::unexpected(std::move(managed).error());
    policies.push_back(*std::move(managed));
  }
  policy::Session session = *principal.session;
  session.policies = std::move(policies);
  principal.session = std::make_shared<const policy::Session>(std::move(session));
  return principal;
}

Expected<ports::Credential> Credentials::FindSession(const AccessKeyId& key, std::string_view token) const {
  ASSIGN_OR_RETURN(const std::uint64_t generation, generation_.Current());
  const std::string kept_as = key.str() + "/" + std::string(token);
  if (auto kept = sessions_.Find(kept_as, generation)) return *std::move(kept);
  auto opened = tokens_.Open(key, token);
  if (!opened && opened.error().code != Code::kInvalid) return std::unexpected(std::move(opened).error());
  if (!opened) return Fail(Code::kDenied, std::move(opened).error().message);
  if (!opened->parent.empty()) {
    auto parent = FindKey(opened->parent);
    if (!parent && parent.error().code == Code::kNotFound) {
      return Fail(Code::kDenied, "the access key that made the session is gone or inactive");
    }
    if (!parent) return std::unexpected(std::move(parent).error());
    CallByPresentName(parent->principal, opened->principal);
  }
  ASSIGN_OR_RETURN(policy::Principal principal, WithPolicies(*opened));
  const Instant expires = principal.session->expires_at;
  ports::Credential credential{
      .principal = std::move(principal), .secret = std::move(opened->secret), .expires = expires};
  sessions_.Keep(kept_as, generation, credential);
  return credential;
}

}  // namespace firmsign::iam
