// SPDX-License-Identifier: Apache-2.0

#include "services/signer/authority_store.h"

namespace firmsign::signer {

Expected<std::optional<AuthorityRow>> AuthorityStore::FindRoot() {
  std::optional<AuthorityRow> root;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    root.reset();
    return reader.Query(
        "SELECT certificate, sealed_key, created_at FROM signer_authority WHERE id = 1", [&](const db::Row& row) {
          root = AuthorityRow{.certificate = row.String(0), .sealed_key = row.String(1), .created_at = row.Time(2)};
        });
  }));
  return root;
}

Expected<bool> AuthorityStore::ProposeRoot(db::Transaction& transaction, const AuthorityRow& root) {
  ASSIGN_OR_RETURN(const std::int64_t inserted,
                   transaction.Execute("INSERT INTO signer_authority (id, certificate, sealed_key, created_at) VALUES "
                                       "(1, $1, $2, $3) ON CONFLICT (id) DO NOTHING",
                                       root.certificate, db::Blob{root.sealed_key}, root.created_at));
  return inserted == 1;
}

Expected<std::optional<AuthorityKeyRow>> AuthorityStore::FindNewestKey() {
  std::optional<AuthorityKeyRow> key;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    key.reset();
    return reader.Query(
        "SELECT number, certificate, certificate_hash, sealed_key, created_at, revoked_at FROM signer_authority_keys "
        "ORDER BY number DESC LIMIT 1",
        [&](const db::Row& row) {
          if (!row.IsNull(5)) return;
          key = AuthorityKeyRow{.number = row.Int(0),
                                .certificate = row.String(1),
                                .hash = row.String(2),
                                .sealed_key = row.String(3),
                                .created_at = row.Time(4)};
        });
  }));
  return key;
}

Expected<std::int64_t> AuthorityStore::LastNumber() {
  std::int64_t number = 0;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    return reader.Query("SELECT MAX(number) FROM signer_authority_keys",
                        [&](const db::Row& row) { number = row.Int(0); });
  }));
  return number;
}

Expected<void> AuthorityStore::InsertKey(db::Transaction& transaction, const AuthorityKeyRow& key) {
  ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      transaction.Execute("INSERT INTO signer_authority_keys (number, certificate, certificate_hash, "
                          "sealed_key, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (number) DO "
                          "NOTHING",
                          key.number, key.certificate, key.hash, db::Blob{key.sealed_key}, key.created_at));
  if (inserted == 0) return Fail(Code::kConflict, "another node has issued a key of the authority");
  return {};
}

Expected<void> AuthorityStore::RevokeKey(db::Transaction& transaction, std::int64_t number, Instant now) {
  return transaction.Post("UPDATE signer_authority_keys SET revoked_at = $1 WHERE number = $2 AND revoked_at IS NULL",
                          now, number);
}

Expected<void> AuthorityStore::RevokeAllKeys(db::Transaction& transaction, Instant now) {
  return transaction.Post("UPDATE signer_authority_keys SET revoked_at = $1 WHERE revoked_at IS NULL", now);
}

Expected<bool> AuthorityStore::IsRevoked(std::string_view hash) {
  bool is_revoked = false;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    is_revoked = false;
    return reader.Query(
        "SELECT 1 FROM signer_authority_keys WHERE certificate_hash = $1 AND revoked_at IS NOT NULL",
        [&](const db::Row&) { is_revoked = true; }, hash);
  }));
  return is_revoked;
}

}  // namespace firmsign::signer
