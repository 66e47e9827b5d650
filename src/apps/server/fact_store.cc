// SPDX-License-Identifier: Apache-2.0

#include "apps/server/fact_store.h"

namespace firmsign::server {
namespace {

constexpr db::Migration kMigrations[] = {{.component = "deployment", .number = 1, .sql = R"(
CREATE TABLE deployment_facts (
  name {TEXT} NOT NULL PRIMARY KEY,
  value {BYTES} NOT NULL
);
)"}};

}  // namespace

std::span<const db::Migration> FactMigrations() { return kMigrations; }

Expected<std::optional<std::string>> FindFact(db::Database& database, std::string_view name) {
  std::optional<std::string> value;
  RETURN_IF_ERROR(database.Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(value, FindFact(reader, name));
    return {};
  }));
  return value;
}

Expected<std::optional<std::string>> FindFact(db::Reader& reader, std::string_view name) {
  std::optional<std::string> value;
  RETURN_IF_ERROR(reader.Query(
      "SELECT value FROM deployment_facts WHERE name = $1", [&](const db::Row& row) { value = row.String(0); }, name));
  return value;
}

Expected<bool> ProposeFact(db::Transaction& transaction, std::string_view name, std::string_view value) {
  ASSIGN_OR_RETURN(const std::int64_t written, transaction.Execute("INSERT INTO deployment_facts (name, value) VALUES "
                                                                   "($1, $2) ON CONFLICT (name) DO NOTHING",
                                                                   name, db::Blob{value}));
  return written == 1;
}

Expected<std::string> AgreeOnFact(db::Transaction& transaction, std::string_view name, std::string_view value) {
  std::string agreed;
  RETURN_IF_ERROR(ProposeFact(transaction, name, value));
  RETURN_IF_ERROR(transaction.Query(
      "SELECT value FROM deployment_facts WHERE name = $1", [&](const db::Row& row) { agreed = row.String(0); }, name));
  return agreed;
}

Expected<std::string> LockWrappedKey(db::Transaction& transaction) {
  ASSIGN_OR_RETURN(const std::int64_t locked,
                   transaction.Execute("UPDATE deployment_facts SET value = value WHERE name = $1 AND value <> $2",
                                       kWrappedKeyFact, db::Blob{kUnfinishedCopy}));
  if (locked != 1) return Fail(Code::kConflict, "the database holds no deployment that is complete");
  ASSIGN_OR_RETURN(std::optional<std::string> wrapped, FindFact(transaction, kWrappedKeyFact));
  return std::move(wrapped).value_or("");
}

Expected<void> ReplaceWrappedKey(db::Transaction& transaction, std::string_view wrapped_key, Instant now) {
  RETURN_IF_ERROR(transaction.Execute("UPDATE deployment_facts SET value = $1 WHERE name = $2", db::Blob{wrapped_key},
                                      kWrappedKeyFact));
  const std::string at = FormatIso8601(now);
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO deployment_facts (name, value) VALUES ($1, $2) "
                          "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                          kMasterKeyChangedFact, db::Blob{at}));
  return {};
}

Expected<void> FinishCopy(db::Transaction& transaction, std::string_view wrapped_key, std::string_view objects_folder) {
  RETURN_IF_ERROR(transaction.Execute("INSERT INTO deployment_facts (name, value) VALUES ($1, $2)", kObjectsFolderFact,
                                      db::Blob{objects_folder}));
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE deployment_facts SET value = $1 WHERE name = $2 AND value = $3",
                                       db::Blob{wrapped_key}, kWrappedKeyFact, db::Blob{kUnfinishedCopy}));
  if (changed == 1) return {};
  return Fail(Code::kConflict, "the target was changed by another process during the copy");
}

Expected<void> AskDatabase(db::Database& database) {
  return database.Read([](db::Reader& reader) { return reader.Query("SELECT 1", [](const db::Row&) {}); });
}

}  // namespace firmsign::server
