// SPDX-License-Identifier: Apache-2.0
//
// Who calls: an authenticated identity, or nobody.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/context.h"

namespace firmsign::policy {

class Policy;

enum class PrincipalType : std::uint8_t {
  kAnonymous,
  kRoot,           // an account's owner: may do everything in the account
  kOperator,       // whoever holds DIR/admin.sock: acts as root, and is audited as operator
  kUser,           // an IAM user, by an access key or by a session of GetSessionToken
  kAssumedRole,    // a session of a role
  kFederatedUser,  // a session of GetFederationToken
  kWebIdentity,    // the holder of a token of an OpenID provider, who has no session yet
  kSaml,           // the same with an assertion of a SAML provider
  kService,        // a service of this deployment that acts for itself
};

using Tags = std::vector<std::pair<std::string, std::string>>;

// What temporary credentials say beside whose they are. It came out of a sealed token, so it is true.
struct Session {
  Instant issued_at;
  Instant expires_at;
  std::optional<Instant> mfa_at;  // when a code of an MFA device was shown; absent: none was
  std::string source_identity;    // who this was at first, across all roles; may be empty
  Tags tags;                      // session tags; they hide the entity's of the same key
  std::vector<std::string> transitive_tag_keys;
  std::string provider;     // that federated the user: an ARN or a host; may be empty
  Context claims;           // what the provider said: saml:sub, token.example.com:aud
  bool is_chained = false;  // made by another session
  // Session policies. absent: there are none, which is no limit.
  std::optional<std::vector<std::shared_ptr<const Policy>>> policies;
};

struct Principal {
  PrincipalType type = PrincipalType::kAnonymous;
  AccountId account;
  std::string arn;      // arn:aws:iam::111122223333:root, arn:aws:sts::111122223333:assumed-role/release/ci
  std::string user_id;  // GetCallerIdentity's UserId; for root the account id
  AccessKeyId access_key;
  // Users, roles' sessions and federated users: whose policies count.
  std::string entity_id;                   // AIDA…, AROA…
  std::string entity_arn;                  // arn:aws:iam::111122223333:role/ci/release
  std::string name;                        // of the user, the session or the federated user
  std::shared_ptr<const Session> session;  // temporary credentials only
};

Principal RootOf(const AccountId& account, AccessKeyId access_key = {});

// S3's other name for an account: 64 hexadecimal digits.
std::string CanonicalUserId(const AccountId& account);

// How CloudTrail and aws:PrincipalType call it.
std::string_view NameOf(PrincipalType type);

}  // namespace firmsign::policy
