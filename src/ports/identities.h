// SPDX-License-Identifier: Apache-2.0
//
// Identities: what the token service must know of roles, MFA devices and identity providers. Offered by services/iam.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/document.h"
#include "engine/policy/principal.h"
#include "platform/db/database.h"

namespace firmsign::ports {

struct RoleFacts {
  AccountId account;
  std::string id;  // AROA…
  std::string name;
  std::string arn;
  std::shared_ptr<const policy::Policy> trust;  // who may assume it
  std::int64_t session_seconds_max = 3600;
};

// An issuer of OpenID tokens that an account trusts.
struct OpenIdProviderFacts {
  std::string arn;
  std::string url;                       // https://token.example.com/path
  std::vector<std::string> client_ids;   // audiences of tokens that count
  std::vector<std::string> thumbprints;  // SHA-1 of certificates that its server may show, in hexadecimal
};

struct SamlProviderFacts {
  std::string arn;
  std::string metadata;  // as it was given
};

// A code of an MFA device that was found right. It counts once it is taken.
struct MfaCode {
  std::string serial;
  std::int64_t step = 0;
};

// Thread safety: safe.
class Identities {
 public:
  virtual ~Identities() = default;

  // kNotFound: there is no such role.
  virtual Expected<RoleFacts> FindRole(std::string_view arn) const = 0;
  // The provider of an account whose URL is `issuer`. kNotFound.
  virtual Expected<OpenIdProviderFacts> FindOpenIdProvider(const AccountId& account, std::string_view issuer) const = 0;
  // kNotFound.
  virtual Expected<SamlProviderFacts> FindSamlProvider(std::string_view arn) const = 0;
  // Whether there is a managed policy of this ARN for the account. kNotFound.
  virtual Expected<void> FindManagedPolicy(const AccountId& account, std::string_view arn) const = 0;
  // kNotFound: no long-term key of this id.
  virtual Expected<AccountId> AccountOf(const AccessKeyId& key) const = 0;

  // kDenied: the device is not the user's, or the code is not one that it shows about now.
  virtual Expected<MfaCode> CheckMfa(const policy::Principal& user, std::string_view serial, std::string_view code,
                                     Instant now) const = 0;
  // kDenied: it was taken before, or a later one was.
  virtual Expected<void> TakeMfa(db::Transaction& transaction, const MfaCode& code) const = 0;

  // A SAML assertion counts once for a role. `name`: of the assertion and the role. kDenied: it was taken before.
  virtual Expected<void> TakeAssertion(db::Transaction& transaction, std::string_view name, Instant expires_at,
                                       Instant now) const = 0;

  virtual db::Database& database() const = 0;
};

}  // namespace firmsign::ports
