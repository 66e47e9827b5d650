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

Expected<KeyFacts> FindKeyFacts(db::Database& database) {
  KeyFacts facts;
  const auto read = [&facts](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(std::optional<std::string> wrapped, FindFact(reader, kWrappedKeyFact));
    ASSIGN_OR_RETURN(std::optional<std::string> id, FindFact(reader, kMasterKeyIdFact));
    ASSIGN_OR_RETURN(std::optional<std::string> changed_at, FindFact(reader, kMasterKeyChangedFact));
    facts = {.wrapped_key = std::move(wrapped).value_or(""),
             .master_key_id = std::move(id).value_or(""),
             .changed_at = std::move(changed_at).value_or("")};
    return {};
  };
  RETURN_IF_ERROR(database.Read(read));
  return facts;
}

Expected<void> ReplaceWrappedKey(db::Transaction& transaction, const KeyFacts& before, const KeyFacts& after) {
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE deployment_facts SET value = $1 WHERE name = $2 AND value = $3",
                                       db::Blob{after.wrapped_key}, kWrappedKeyFact, db::Blob{before.wrapped_key}));
  if (changed != 1) return Fail(Code::kConflict, "the master key was changed by somebody else at this moment");
  const auto put = [&](std::string_view name, const std::string& value) {
    return transaction.Execute(
        "INSERT INTO deployment_facts (name, value) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name, db::Blob{value});
  };
  RETURN_IF_ERROR(put(kMasterKeyIdFact, after.master_key_id));
  RETURN_IF_ERROR(put(kMasterKeyChangedFact, after.changed_at));
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
