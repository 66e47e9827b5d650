// SPDX-License-Identifier: Apache-2.0
//
// For tests: roles, providers and MFA devices in memory, and sessions that tell what was asked for.

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "ports/identities.h"
#include "ports/sessions.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakeIdentities final : public Identities {
 public:
  explicit FakeIdentities(db::Database& database) : database_(database) {}

  // `trust` must be a trust policy.
  void AddRole(RoleFacts role, std::string_view trust) {
    auto parsed = policy::ParseDocument(trust, policy::DocumentKind::kTrust);
    CHECK(parsed.has_value());
    role.trust = std::make_shared<policy::Policy>("the trust policy of " + role.arn, *std::move(parsed));
    roles_.insert_or_assign(role.arn, role);
  }
  void AddOpenIdProvider(const AccountId& account, OpenIdProviderFacts facts) {
    open_id_providers_.insert_or_assign(account.str() + " " + facts.url, facts);
  }
  void AddSamlProvider(SamlProviderFacts facts) { saml_providers_.insert_or_assign(facts.arn, facts); }
  std::vector<std::string> managed_policies;
  std::map<std::string, AccountId> keys;
  std::string right_code = "123456";  // of the device of every user
  mutable int taken = 0;              // how often a code was taken; the second time is refused

  Expected<RoleFacts> FindRole(std::string_view arn) const override {
    const auto found = roles_.find(std::string(arn));
    if (found == roles_.end()) return Fail(Code::kNotFound, "no such role");
    return found->second;
  }
  Expected<OpenIdProviderFacts> FindOpenIdProvider(const AccountId& account, std::string_view issuer) const override {
    const auto found = open_id_providers_.find(account.str() + " " + std::string(issuer));
    if (found == open_id_providers_.end()) return Fail(Code::kNotFound, "no such provider");
    return found->second;
  }
  Expected<SamlProviderFacts> FindSamlProvider(std::string_view arn) const override {
    const auto found = saml_providers_.find(std::string(arn));
    if (found == saml_providers_.end()) return Fail(Code::kNotFound, "no such provider");
    return found->second;
  }
  Expected<void> FindManagedPolicy(const AccountId&, std::string_view arn) const override {
    for (const std::string& one : managed_policies) {
      if (one == arn) return {};
    }
    return Fail(Code::kNotFound, "no such policy");
  }
  Expected<AccountId> AccountOf(const AccessKeyId& key) const override {
    const auto found = keys.find(key.str());
    if (found == keys.end()) return Fail(Code::kNotFound, "no such key");
    return found->second;
  }
  Expected<MfaCode> CheckMfa(const policy::Principal&, std::string_view serial, std::string_view code,
                             Instant) const override {
    if (code != right_code) return Fail(Code::kDenied, "MultiFactorAuthentication failed");
    return MfaCode{.serial = std::string(serial), .step = 1};
  }
  Expected<void> TakeMfa(db::Transaction& transaction, const MfaCode&) const override {
    if (taken > 0) return Fail(Code::kDenied, "MultiFactorAuthentication failed");
    // A transaction may run again.
    transaction.AfterCommit([this] { ++taken; });
    return {};
  }
  Expected<void> TakeAssertion(db::Transaction& transaction, std::string_view name, Instant, Instant) const override {
    if (assertions_.contains(name)) return Fail(Code::kDenied, "taken before");
    transaction.AfterCommit([this, name = std::string(name)] { assertions_.insert(name); });
    return {};
  }
  db::Database& database() const override { return database_; }

 private:
  db::Database& database_;
  std::map<std::string, RoleFacts> roles_;
  std::map<std::string, OpenIdProviderFacts> open_id_providers_;
  std::map<std::string, SamlProviderFacts> saml_providers_;
  mutable std::set<std::string, std::less<>> assertions_;
};

// Thread safety: confined.
class FakeSessions final : public Sessions {
 public:
  mutable std::vector<NewSession> issued;

  Expected<IssuedSession> Issue(const NewSession& session) const override {
    issued.push_back(session);
    return IssuedSession{.access_key = AccessKeyId("ASIAEXAMPLE"), .secret = SecretBytes("secret"), .token = "token"};
  }
};

}  // namespace firmsign::ports
