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

constexpr std::string_view kWrappedKey = "wrapped_data_key";

}  // namespace

std::span<const db::Migration> FactMigrations() { return kMigrations; }

Expected<std::optional<std::string>> FindWrappedKey(db::Database& database) {
  std::optional<std::string> value;
  RETURN_IF_ERROR(database.Read([&](db::Reader& reader) {
    return reader.Query(
        "SELECT value FROM deployment_facts WHERE name = $1", [&](const db::Row& row) { value = row.String(0); },
        kWrappedKey);
  }));
  return value;
}

Expected<void> InsertWrappedKey(db::Database& database, std::string_view wrapped) {
  return database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO deployment_facts (name, value) VALUES ($1, $2)", kWrappedKey,
                                        db::Blob{wrapped}));
    return {};
  });
}

Expected<void> AskDatabase(db::Database& database) {
  return database.Read([](db::Reader& reader) { return reader.Query("SELECT 1", [](const db::Row&) {}); });
}

}  // namespace firmsign::server
