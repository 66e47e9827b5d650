// SPDX-License-Identifier: Apache-2.0
//
// The facts of a deployment that lie in its database and belong to no service.
//
// Nodes that start at once may each propose a value; the first one that commits decides, and the others hear of it.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::server {

std::span<const db::Migration> FactMigrations();

// The data key, wrapped under the master key (engine/keys/keyring.h).
inline constexpr std::string_view kWrappedKeyFact = "wrapped_data_key";
// What stands there while a deployment is copied here (transfer.h): nobody may use it yet.
inline constexpr std::string_view kUnfinishedCopy = "unfinished copy";
// The id of the folder that holds large objects; empty: they lie in the database.
inline constexpr std::string_view kObjectsFolderFact = "objects_folder";

// By which the folder of large objects knows the deployment (s3::BlobOptions::owner).
inline constexpr std::string_view kObjectsOwnerFact = "objects_owner";
// The id of the master key that wraps the data key (keys::MasterKeyId); absent: not opened since there are ids.
inline constexpr std::string_view kMasterKeyIdFact = "master_key_id";
// When the master key was changed last (ISO 8601); absent: never.
inline constexpr std::string_view kMasterKeyChangedFact = "master_key_changed_at";

// What the database says of the data key and its master key. Empty: nothing.
struct KeyFacts {
  std::string wrapped_key;
  std::string master_key_id;
  std::string changed_at;
};
Expected<KeyFacts> FindKeyFacts(db::Database& database);

Expected<std::optional<std::string>> FindFact(db::Database& database, std::string_view name);
Expected<std::optional<std::string>> FindFact(db::Reader& reader, std::string_view name);
// Writes the fact unless there is one; what it is now, and is durable with the transaction.
Expected<std::string> AgreeOnFact(db::Transaction& transaction, std::string_view name, std::string_view value);

// Writes the fact unless there is one; whether it did.
Expected<bool> ProposeFact(db::Transaction& transaction, std::string_view name, std::string_view value);

// Puts `after` in the place of `before`. kConflict: the data key is not wrapped as before says.
Expected<void> ReplaceWrappedKey(db::Transaction& transaction, const KeyFacts& before, const KeyFacts& after);

// Ends an unfinished copy: this is the wrapped data key, and the folder of objects. kConflict: there is none.
Expected<void> FinishCopy(db::Transaction& transaction, std::string_view wrapped_key, std::string_view objects_folder);

// One cheap statement: an error says that the database cannot answer.
Expected<void> AskDatabase(db::Database& database);

}  // namespace firmsign::server
