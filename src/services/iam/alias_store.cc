// SPDX-License-Identifier: Apache-2.0

#include "services/iam/alias_store.h"

namespace firmsign::iam::aliases {

Expected<std::optional<AccountId>> HolderOf(db::Reader& reader, std::string_view alias) {
  std::optional<AccountId> holder;
  RETURN_IF_ERROR(reader.Query(
      "SELECT account_id FROM iam_aliases WHERE alias = $1",
      [&](const db::Row& row) { holder = AccountId(row.String(0)); }, alias));
  return holder;
}

Expected<std::optional<std::string>> Of(db::Reader& reader, const AccountId& account) {
  std::optional<std::string> alias;
  RETURN_IF_ERROR(reader.Query(
      "SELECT alias FROM iam_aliases WHERE account_id = $1", [&](const db::Row& row) { alias = row.String(0); },
      account.str()));
  return alias;
}

Expected<void> Put(db::Transaction& transaction, const AccountId& account, std::string_view alias) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_aliases WHERE account_id = $1", account.str()));
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO iam_aliases (alias, account_id) VALUES ($1, $2)", alias, account.str()));
  return {};
}

Expected<void> Remove(db::Transaction& transaction, std::string_view alias) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_aliases WHERE alias = $1", alias));
  return {};
}

}  // namespace firmsign::iam::aliases
