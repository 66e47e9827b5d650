// SPDX-License-Identifier: Apache-2.0
//
// The two ends of a transfer: a whole deployment that is read, and an empty place that becomes one.
//
// Internal to the transfer of deployments (transfer.h).

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/server/transfer.h"
#include "apps/server/transfer_objects.h"
#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"
#include "platform/db/tables.h"
#include "platform/files/file.h"

namespace firmsign::server::transfer {

// What the migrations of this program make.
struct Schema {
  std::vector<db::Table> tables;  // in an order in which they can be filled
  std::vector<db::AppliedMigration> migrations;

  static Expected<Schema> OfThisProgram();
};

// Thread safety: confined.
class Source {
 public:
  // Opens and changes nothing; for kMigrate it locks a data folder. kInvalid: the options, or what is there is no
  // deployment; kUnavailable: in use, or away. `clock` outlives the source.
  static Expected<std::unique_ptr<Source>> Open(const TransferOptions& options, const Clock& clock);

  // The wrapped data key, which may be another at each reading. kInvalid: there is no deployment; says what to do.
  Expected<void> ReadWrappedKey(db::Reader& reader);
  // That this program can copy what `reader` reads. kInvalid: it cannot; says what to do.
  Expected<void> Check(db::Reader& reader, const Schema& schema);

  db::Database& database() { return *database_; }
  db::Driver driver() const { return driver_; }
  const ObjectsFolder* objects() const { return objects_ ? &*objects_ : nullptr; }
  const std::string& master_key_id() const { return master_key_id_; }
  const std::string& wrapped_key() const { return wrapped_key_; }  // as it was read last

 private:
  Source() = default;
  Expected<void> OpenFolder(const TransferOptions& options, const Clock& clock);
  Expected<void> CheckSchema(db::Reader& reader, const Schema& schema, const std::vector<db::Table>& tables) const;
  Expected<void> CheckObjects(db::Reader& reader);

  std::string place_;
  std::unique_ptr<files::Lock> lock_;
  std::unique_ptr<db::Database> database_;
  db::Driver driver_ = db::Driver::kSqlite;
  std::optional<ObjectsFolder> objects_;
  std::string wrapped_key_;
  std::string master_key_id_;
};

// Thread safety: confined.
class Target {
 public:
  // Looks whether there is nothing yet, and writes nothing. kConflict: there is something. `clock` outlives the target.
  static Expected<std::unique_ptr<Target>> Find(const TransferOptions& options, const Schema& schema,
                                                const Clock& clock);

  // Makes folders, tables and the mark of an unfinished copy. Codes as Find, for what came meanwhile.
  Expected<void> Make(const Schema& schema);
  // Makes it a deployment with this wrapped data key, durably and at once, and closes it.
  Expected<void> Finish(const std::string& wrapped_key);

  db::Database& database() { return *database_; }
  const ObjectsFolder* objects() const { return objects_ ? &*objects_ : nullptr; }
  // Bytes for which there is room; empty: nobody can tell.
  std::optional<std::uint64_t> FreeBytes() const;

 private:
  Target(const TransferOptions& options, const Clock& clock) : options_(options), clock_(clock) {}
  Expected<void> CheckEmpty(const Schema& schema) const;

  const TransferOptions options_;
  const Clock& clock_;
  std::unique_ptr<files::Lock> lock_;
  std::unique_ptr<db::Database> database_;
  std::optional<ObjectsFolder> objects_;
  std::string objects_id_;
};

}  // namespace firmsign::server::transfer
