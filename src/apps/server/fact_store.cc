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
  RETURN_IF_ERROR(database.Read([&](db::Reader& reader) {
    value.reset();
    return reader.Query(
        "SELECT value FROM deployment_facts WHERE name = $1", [&](const db::Row& row) { value = row.String(0); }, name);
  }));
  return value;
}

Expected<std::string> AgreeOnFact(db::Transaction& transaction, std::string_view name, std::string_view value) {
  std::string agreed;
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO deployment_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                          name, db::Blob{value}));
  RETURN_IF_ERROR(transaction.Query(
      "SELECT value FROM deployment_facts WHERE name = $1", [&](const db::Row& row) { agreed = row.String(0); }, name));
  return agreed;
}

Expected<void> AskDatabase(db::Database& database) {
  return database.Read([](db::Reader& reader) { return reader.Query("SELECT 1", [](const db::Row&) {}); });
}

}  // namespace firmsign::server
