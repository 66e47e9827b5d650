// SPDX-License-Identifier: Apache-2.0
//
// The facts of a deployment that lie in its database and belong to no service.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::server {

std::span<const db::Migration> FactMigrations();

// The data key, wrapped under the master key (engine/keys/keyring.h); nullopt in a new database.
Expected<std::optional<std::string>> FindWrappedKey(db::Database& database);
// kConflict: there is one.
Expected<void> InsertWrappedKey(db::Database& database, std::string_view wrapped);

// One cheap statement: an error says that the database cannot answer.
Expected<void> AskDatabase(db::Database& database);

}  // namespace firmsign::server
