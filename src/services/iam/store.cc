// SPDX-License-Identifier: Apache-2.0

#include "services/iam/store.h"

#include <algorithm>

namespace firmsign::iam {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kDigits = "0123456789";

std::string SealingContext(const AccountId& account, const AccessKeyId& key) {
  return "iam/access-key/" + account.str() + "/" + key.str();
}

// Ids come from strangers; what else they may send is not text to every database.
bool MayBeAccessKeyId(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Account ReadAccount(const db::Row& row) {
  return Account{.id = AccountId(row.String(0)), .name = row.String(1), .created_at = row.Time(2)};
}

// In the order of the columns that every query for access keys asks for.
StoredAccessKey ReadAccessKey(const db::Row& row) {
  StoredAccessKey key{.id = AccessKeyId(row.String(0)),
                      .account = AccountId(row.String(1)),
                      .user_id = row.String(2),
                      .is_active = row.Int(3) != 0,
                      .created_at = row.Time(4)};
  if (!row.IsNull(5)) key.last_use = KeyUse{row.Time(5), row.String(6), row.String(7)};
  return key;
}

}  // namespace

AccessKeyId MakeAccessKeyId(Random& random, std::string_view prefix) {
  return AccessKeyId(std::string(prefix) + MakeRandomText(random, kBase32, 16));
}

SecretBytes MakeSecretAccessKey(Random& random) { return SecretBytes(MakeRandomText(random, kBase64, 40)); }

StoredAccessKey MakeAccessKey(Random& random, const AccountId& account, Instant now, std::string user_id) {
  return StoredAccessKey{.id = MakeAccessKeyId(random),
                         .account = account,
                         .user_id = std::move(user_id),
                         .secret = MakeSecretAccessKey(random),
                         .is_active = true,
                         .created_at = now};
}

AccountId MakeAccountId(Random& random) {
  return AccountId(MakeRandomText(random, kDigits.substr(1), 1) + MakeRandomText(random, kDigits, 11));
}

Expected<Account> Store::CreateAccount(db::Transaction& transaction, std::string_view name, Instant now,
                                       const std::optional<AccountId>& id) {
  Account account{.id = id ? *id : MakeAccountId(random_), .name = std::string(name), .created_at = now};
  if (!IsAccountId(account.id.str())) return Fail(Code::kInvalid, "an account id has twelve digits");
  ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      transaction.Execute("INSERT INTO iam_accounts (account_id, name, access_keys, created_at) VALUES ($1, $2, 0, $3)"
                          " ON CONFLICT (account_id) DO NOTHING",
                          account.id.str(), account.name, account.created_at));
  if (inserted == 0) return Fail(Code::kConflict, "there is an account " + account.id.str());
  return account;
}

Expected<std::vector<Account>> Store::ListAccounts(const std::optional<AccountId>& after, std::int64_t count) {
  std::vector<Account> accounts;
  const auto take = [&](const db::Row& row) { accounts.push_back(ReadAccount(row)); };
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    accounts.clear();
    if (!after) {
      return reader.Query(
          "SELECT account_id, name, created_at FROM iam_accounts ORDER BY created_at, account_id LIMIT $1", take,
          count);
    }
    return reader.Query(
        "SELECT account_id, name, created_at FROM iam_accounts WHERE (created_at, account_id) >"
        " (SELECT created_at, account_id FROM iam_accounts WHERE account_id = $1)"
        " ORDER BY created_at, account_id LIMIT $2",
        take, after->str(), count);
  }));
  return accounts;
}

Expected<Account> Store::FindAccount(const AccountId& id) {
  std::optional<Account> account;
  if (IsAccountId(id.str())) {
    RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
      return reader.Query(
          "SELECT account_id, name, created_at FROM iam_accounts WHERE account_id = $1",
          [&](const db::Row& row) { account = ReadAccount(row); }, id.str());
    }));
  }
  if (!account) return Fail(Code::kNotFound, "there is no account " + id.str());
  return *std::move(account);
}

Expected<Account> Store::FirstAccount() {
  std::optional<Account> account;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    return reader.Query("SELECT account_id, name, created_at FROM iam_accounts ORDER BY created_at, account_id LIMIT 1",
                        [&](const db::Row& row) { account = ReadAccount(row); });
  }));
  if (!account) return Fail(Code::kNotFound, "there is no account yet");
  return *std::move(account);
}

Expected<void> Store::AddAccessKey(db::Transaction& transaction, const StoredAccessKey& key) {
  const AccountId& account = key.account;
  bool exists = false;
  RETURN_IF_ERROR(transaction.Query(
      "SELECT 1 FROM iam_accounts WHERE account_id = $1", [&](const db::Row&) { exists = true; }, account.str()));
  if (!exists) return Fail(Code::kNotFound, "there is no account " + account.str());
  ASSIGN_OR_RETURN(const auto keys, AccessKeysOf(transaction, account, key.user_id));
  if (std::ssize(keys) >= kAccessKeysMax) {
    return Fail(Code::kExhausted, (key.user_id.empty() ? "account " + account.str() : "user " + key.user_id) +
                                      " has two access keys already");
  }
  const std::string sealed = keyring_.Seal(SealingContext(account, key.id), key.secret);
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_access_keys (access_key_id, account_id, user_id, is_active, sealed_secret, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      key.id.str(), account.str(), key.user_id, key.is_active, db::Blob{sealed}, key.created_at));
  return {};
}

Expected<StoredAccessKey> Store::FindAccessKey(const AccessKeyId& id) {
  const auto unknown = [&] { return Fail(Code::kNotFound, "there is no access key " + id.str()); };
  if (!MayBeAccessKeyId(id.str())) return unknown();
  std::optional<StoredAccessKey> key;
  std::string sealed;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    return reader.Query(
        "SELECT access_key_id, account_id, user_id, is_active, created_at, used_at, used_region, used_service,"
        " sealed_secret FROM iam_access_keys WHERE access_key_id = $1",
        [&](const db::Row& row) {
          key = ReadAccessKey(row);
          sealed = row.String(8);
        },
        id.str());
  }));
  if (!key) return unknown();
  ASSIGN_OR_RETURN(key->secret, keyring_.Open(SealingContext(key->account, id), sealed));
  return *std::move(key);
}

Expected<std::vector<StoredAccessKey>> Store::AccessKeysOf(db::Reader& reader, const AccountId& account,
                                                           std::string_view user_id) {
  std::vector<StoredAccessKey> keys;
  RETURN_IF_ERROR(reader.Query(
      "SELECT access_key_id, account_id, user_id, is_active, created_at, used_at, used_region, used_service"
      " FROM iam_access_keys WHERE account_id = $1 AND user_id = $2 ORDER BY access_key_id",
      [&](const db::Row& row) { keys.push_back(ReadAccessKey(row)); }, account.str(), user_id));
  return keys;
}

Expected<void> Store::SetAccessKeyActive(db::Transaction& transaction, const AccessKeyId& id, bool is_active) {
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      transaction.Execute("UPDATE iam_access_keys SET is_active = $1 WHERE access_key_id = $2", is_active, id.str()));
  if (changed == 0) return Fail(Code::kNotFound, "there is no access key " + id.str());
  return {};
}

Expected<void> Store::SetLastUse(db::Transaction& transaction, const AccessKeyId& id, const KeyUse& use) {
  RETURN_IF_ERROR(
      transaction.Execute("UPDATE iam_access_keys SET used_at = $1, used_region = $2, used_service = $3"
                          " WHERE access_key_id = $4 AND (used_at IS NULL OR used_at < $1)",
                          use.at, use.region, use.service, id.str()));
  return {};
}

Expected<void> Store::DeleteAccessKey(db::Transaction& transaction, const AccessKeyId& id) {
  ASSIGN_OR_RETURN(const std::int64_t removed,
                   transaction.Execute("DELETE FROM iam_access_keys WHERE access_key_id = $1", id.str()));
  if (removed == 0) return Fail(Code::kNotFound, "there is no access key " + id.str());
  return {};
}

}  // namespace firmsign::iam
