// SPDX-License-Identifier: Apache-2.0
//
// The rows of the code-signing authority: its root, and the keys that were issued by it.
//
// Every method may also return what the database does.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::signer {

struct AuthorityRow {
  std::string certificate;  // PEM
  std::string sealed_key;   // PKCS#8
  Instant created_at;
};

struct AuthorityKeyRow {
  std::int64_t number = 0;  // 1, 2, …
  std::string certificate;  // PEM
  std::string hash;         // its name in GetRevocationStatus
  std::string sealed_key;
  Instant created_at;
};

// Thread safety: safe.
class AuthorityStore {
 public:
  // `database` outlives the store.
  explicit AuthorityStore(db::Database& database) : database_(database) {}

  db::Database& database() { return database_; }

  Expected<std::optional<AuthorityRow>> FindRoot();
  // Writes the root unless there is one; whether it did.
  Expected<bool> ProposeRoot(db::Transaction& transaction, const AuthorityRow& root);
  // The one with the highest number, unless that is revoked.
  Expected<std::optional<AuthorityKeyRow>> FindNewestKey();
  // The highest number that was ever given; 0: none.
  Expected<std::int64_t> LastNumber();
  // kConflict: the number is taken, so another node was faster.
  Expected<void> InsertKey(db::Transaction& transaction, const AuthorityKeyRow& key);
  // Keys that are revoked already stay as they are.
  Expected<void> RevokeKey(db::Transaction& transaction, std::int64_t number, Instant now);
  Expected<void> RevokeAllKeys(db::Transaction& transaction, Instant now);
  // Whether a certificate with this hash was issued here and is revoked.
  Expected<bool> IsRevoked(std::string_view hash);

 private:
  db::Database& database_;
};

}  // namespace firmsign::signer
