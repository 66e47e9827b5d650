// SPDX-License-Identifier: Apache-2.0

#include "services/iam/password_store.h"

namespace firmsign::iam::passwords {

Expected<std::optional<Password>> Find(db::Reader& reader, std::string_view user_id) {
  std::optional<Password> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT hash, needs_reset, created_at, changed_at FROM iam_passwords WHERE entity_id = $1",
      [&](const db::Row& row) { found = Password{row.String(0), row.Int(1) != 0, row.Time(2), row.Time(3)}; },
      user_id));
  return found;
}

Expected<void> Put(db::Transaction& transaction, std::string_view user_id, const Password& password) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_passwords (entity_id, hash, needs_reset, created_at, changed_at) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (entity_id) DO UPDATE SET hash = excluded.hash, needs_reset = excluded.needs_reset,"
      " changed_at = excluded.changed_at",
      user_id, password.hash, password.needs_reset, password.created_at, password.changed_at));
  return {};
}

Expected<std::vector<std::string>> HistoryOf(db::Reader& reader, std::string_view user_id) {
  std::vector<std::string> hashes;
  RETURN_IF_ERROR(reader.Query(
      "SELECT hash FROM iam_password_history WHERE entity_id = $1 ORDER BY replaced_at DESC",
      [&](const db::Row& row) { hashes.push_back(row.String(0)); }, user_id));
  return hashes;
}

Expected<void> PutHistory(db::Transaction& transaction, std::string_view user_id, const std::string& hash,
                          Instant now) {
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO iam_password_history (entity_id, replaced_at, hash) VALUES ($1, $2, $3)"
                          " ON CONFLICT (entity_id, replaced_at) DO UPDATE SET hash = excluded.hash",
                          user_id, now, hash));
  RETURN_IF_ERROR(transaction.Execute(
      "DELETE FROM iam_password_history WHERE entity_id = $1 AND replaced_at NOT IN (SELECT replaced_at FROM"
      " iam_password_history WHERE entity_id = $1 ORDER BY replaced_at DESC LIMIT $2)",
      user_id, kHistoryMax));
  return {};
}

Expected<void> Remove(db::Transaction& transaction, std::string_view user_id) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_password_history WHERE entity_id = $1", user_id));
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_passwords WHERE entity_id = $1", user_id));
  return {};
}

}  // namespace firmsign::iam::passwords
