// SPDX-License-Identifier: Apache-2.0
//
// Identities: the port by which the token service looks things up here.

#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/policy/parsed.h"
#include "ports/identities.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Thread safety: safe. Lifetime: all arguments outlive it.
class Identities final : public ports::Identities {
 public:
  Identities(Store& store, const keys::Keyring& keyring, policy::ParsedPolicies& parsed)
      : store_(store), keyring_(keyring), parsed_(parsed) {}

  Expected<ports::RoleFacts> FindRole(std::string_view arn) const override;
  Expected<ports::OpenIdProviderFacts> FindOpenIdProvider(const AccountId& account,
                                                          std::string_view issuer) const override;
  Expected<ports::SamlProviderFacts> FindSamlProvider(std::string_view arn) const override;
  Expected<void> FindManagedPolicy(const AccountId& account, std::string_view arn) const override;
  Expected<AccountId> AccountOf(const AccessKeyId& key) const override;
  Expected<ports::MfaCode> CheckMfa(const policy::Principal& user, std::string_view serial, std::string_view code,
                                    Instant now) const override;
  Expected<void> TakeMfa(db::Transaction& transaction, const ports::MfaCode& code) const override;
  Expected<void> TakeAssertion(db::Transaction& transaction, std::string_view name, Instant expires_at,
                               Instant now) const override;
  db::Database& database() const override { return store_.database(); }

 private:
  // Wrong codes of one device in a row before it is not asked for a while: six digits are soon guessed.
  static constexpr int kWrongCodesMax = 5;
  static constexpr std::chrono::minutes kPause{1};
  static constexpr std::size_t kDevicesMax = 10'000;
  struct Guesses {
    int wrong = 0;
    Instant paused_until;
  };
  bool IsPaused(const std::string& serial, Instant now) const;
  void CountGuess(const std::string& serial, bool is_right, Instant now) const;

  Store& store_;
  const keys::Keyring& keyring_;
  policy::ParsedPolicies& parsed_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Guesses> guesses_;  // by serial number, of this process
};

}  // namespace firmsign::iam
