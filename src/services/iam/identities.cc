// SPDX-License-Identifier: Apache-2.0

#include "services/iam/identities.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "services/iam/assertion_store.h"
#include "services/iam/entity_store.h"
#include "services/iam/mfa_store.h"
#include "services/iam/oidc_provider.h"
#include "services/iam/policy_book.h"
#include "services/iam/totp.h"

namespace firmsign::iam {
namespace {

std::unexpected<Error> Absent(std::string_view what) {
  return Fail(Code::kNotFound, fmt::format("there is no {}", what));
}

// kNotFound.
Expected<Entity> FindByArn(db::Database& database, Kind kind, std::string_view arn) {
  std::optional<Entity> found;
  RETURN_IF_ERROR(database.ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(found, entities::FindByArn(reader, kind, arn));
    return {};
  }));
  if (!found) return Absent(arn);
  return *std::move(found);
}

}  // namespace

Expected<ports::RoleFacts> Identities::FindRole(std::string_view arn) const {
  ASSIGN_OR_RETURN(const Entity role, FindByArn(store_.database(), Kind::kRole, arn));
  ports::RoleFacts facts{.account = role.account,
                         .id = role.id,
                         .name = role.name,
                         .arn = role.arn(),
                         .trust = nullptr,
                         .session_seconds_max = role.number};
  auto trust = parsed_.Get("the trust policy of " + facts.arn, role.document, policy::DocumentKind::kTrust);
  if (!trust) return Fail(Code::kCorrupt, trust.error().message);
  facts.trust = *std::move(trust);
  return facts;
}

Expected<ports::OpenIdProviderFacts> Identities::FindOpenIdProvider(const AccountId& account,
                                                                    std::string_view issuer) const {
  const auto name = OidcProviderName(issuer);
  if (!name) return Absent(issuer);
  ASSIGN_OR_RETURN(const Entity provider, FindByArn(store_.database(), Kind::kOidcProvider,
                                                    MakeArn(account, Kind::kOidcProvider, "/", *name)));
  ASSIGN_OR_RETURN(const OidcLists lists, ParseOidcLists(provider.document));
  return ports::OpenIdProviderFacts{.arn = provider.arn(),
                                    .url = "https://" + provider.name,
                                    .client_ids = lists.client_ids,
                                    .thumbprints = lists.thumbprints};
}

Expected<ports::SamlProviderFacts> Identities::FindSamlProvider(std::string_view arn) const {
  ASSIGN_OR_RETURN(Entity provider, FindByArn(store_.database(), Kind::kSamlProvider, arn));
  return ports::SamlProviderFacts{.arn = provider.arn(), .metadata = std::move(provider.document)};
}

Expected<void> Identities::FindManagedPolicy(const AccountId& account, std::string_view arn) const {
  const auto named = ParseEntityArn(arn, Kind::kPolicy);
  if (named && named->account != account) return Absent(arn);
  return store_.database().Read([&](db::Reader& reader) -> Expected<void> {
    RETURN_IF_ERROR(DocumentOf(reader, arn));
    return {};
  });
}

Expected<AccountId> Identities::AccountOf(const AccessKeyId& key) const {
  ASSIGN_OR_RETURN(const StoredAccessKey found, store_.FindAccessKey(key));
  return found.account;
}

bool Identities::IsPaused(const std::string& serial, Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto found = guesses_.find(serial);
  return found != guesses_.end() && now < found->second.paused_until;
}

void Identities::CountGuess(const std::string& serial, bool is_right, Instant now) const {
  const std::lock_guard lock(mutex_);
  if (is_right) {
    guesses_.erase(serial);
    return;
  }
  if (guesses_.size() >= kDevicesMax) guesses_.clear();
  Guesses& guesses = guesses_[serial];
  if (++guesses.wrong < kWrongCodesMax) return;
  guesses = {.wrong = 0, .paused_until = now + kPause};
}

Expected<ports::MfaCode> Identities::CheckMfa(const policy::Principal& user, std::string_view serial,
                                              std::string_view code, Instant now) const {
  const auto wrong = [](std::string_view why) {
    return Fail(Code::kDenied, fmt::format("MultiFactorAuthentication failed, {}.", why));
  };
  std::optional<mfa::Device> device;
  RETURN_IF_ERROR(store_.database().ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(device, mfa::Find(reader, serial));
    return {};
  }));
  if (!device || user.type != policy::PrincipalType::kUser || device->user_id != user.entity_id) {
    return wrong("unable to validate MFA code: the device is not one of the caller's");
  }
  if (IsPaused(device->serial, now)) return wrong("because of too many wrong codes: wait a minute");
  ASSIGN_OR_RETURN(const SecretBytes seed, keyring_.Open(mfa::SealingContext(device->serial), device->sealed_seed));
  const auto step = FindTotpStep(seed, code, now);
  const bool is_right = step && *step > device->last_step;
  CountGuess(device->serial, is_right, now);
  if (!is_right) return wrong("with invalid MFA one time pass code");
  return ports::MfaCode{.serial = std::string(serial), .step = *step};
}

Expected<void> Identities::TakeMfa(db::Transaction& transaction, const ports::MfaCode& code) const {
  ASSIGN_OR_RETURN(const bool is_taken, mfa::TakeStep(transaction, code.serial, code.step));
  if (!is_taken) {
    return Fail(Code::kDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code.");
  }
  return {};
}

Expected<void> Identities::TakeAssertion(db::Transaction& transaction, std::string_view name, Instant expires_at,
                                         Instant now) const {
  ASSIGN_OR_RETURN(const bool is_taken, assertions::Take(transaction, name, expires_at, now));
  if (!is_taken) return Fail(Code::kDenied, "the assertion was used for this role before");
  return {};
}

}  // namespace firmsign::iam
