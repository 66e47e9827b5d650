// SPDX-License-Identifier: Apache-2.0
//
// What is remembered about accounts and access keys. What else is remembered of identities: entity_store.h.
//
// Besides the codes they name, all methods pass on those of db::Reader. Secrets are sealed before they reach a row.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/keys/keyring.h"
#include "platform/db/database.h"

namespace firmsign::iam {

struct Account {
  AccountId id;
  std::string name;
  Instant created_at;
};

struct KeyUse {
  Instant at;
  std::string region;
  std::string service;  // as in the credential scope
};

// An access key of an account's root or of a user. `secret` is what the client signs with.
struct StoredAccessKey {
  AccessKeyId id;
  AccountId account;
  std::string user_id;  // empty: of the account's root
  SecretBytes secret;
  bool is_active = true;
  Instant created_at;
  std::optional<KeyUse> last_use;
};

inline constexpr int kAccessKeysMax = 2;  // of one root or user, as in AWS

// AKIA, or another prefix, and 16 characters of upper-case base32.
AccessKeyId MakeAccessKeyId(Random& random, std::string_view prefix = "AKIA");
// 40 characters of A-Za-z0-9+/.
SecretBytes MakeSecretAccessKey(Random& random);
// A new active key of an account's root, or of a user of it. Its secret can be shown now; once stored it is never shown
// again.
StoredAccessKey MakeAccessKey(Random& random, const AccountId& account, Instant now, std::string user_id = {});
// Twelve digits, the first of them not zero: tools that take an account for a number would drop it.
AccountId MakeAccountId(Random& random);

// Thread safety: safe.
class Store {
 public:
  // All three outlive the store.
  Store(db::Database& database, const keys::Keyring& keyring, Random& random)
      : database_(database), keyring_(keyring), random_(random) {}

  db::Database& database() { return database_; }

  // An account with a random id, or with `id` when that is given. kConflict: there is one with this id. kInvalid: `id`
  // is not an account id.
  Expected<Account> CreateAccount(db::Transaction& transaction, std::string_view name, Instant now,
                                  const std::optional<AccountId>& id = std::nullopt);
  // At most `count` of those made after `after`, or of all without it, in the order in which they were made. None when
  // there is no account `after`.
  Expected<std::vector<Account>> ListAccounts(const std::optional<AccountId>& after, std::int64_t count);
  // kNotFound: no such account; what cannot be one is not asked for.
  Expected<Account> FindAccount(const AccountId& id);
  // The one made first. kNotFound: there is none yet.
  Expected<Account> FirstAccount();

  // Each of the three that change something stands behind Generation::BeginChange.
  // kNotFound: no such account. kExhausted: the root or user has kAccessKeysMax keys.
  Expected<void> AddAccessKey(db::Transaction& transaction, const StoredAccessKey& key);
  // kNotFound: no such key; what cannot be one is not asked for. kCorrupt: its secret does not open.
  Expected<StoredAccessKey> FindAccessKey(const AccessKeyId& id);
  // Of a user, or with an empty id of the root; the secrets are left out.
  static Expected<std::vector<StoredAccessKey>> AccessKeysOf(db::Reader& reader, const AccountId& account,
                                                             std::string_view user_id);
  // kNotFound: no such key.
  static Expected<void> SetAccessKeyActive(db::Transaction& transaction, const AccessKeyId& id, bool is_active);
  // Nothing happens to a key that is gone, or was used later.
  static Expected<void> SetLastUse(db::Transaction& transaction, const AccessKeyId& id, const KeyUse& use);
  // kNotFound: no such key.
  static Expected<void> DeleteAccessKey(db::Transaction& transaction, const AccessKeyId& id);

 private:
  db::Database& database_;
  const keys::Keyring& keyring_;
  Random& random_;
};

}  // namespace firmsign::iam
