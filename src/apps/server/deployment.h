// SPDX-License-Identifier: Apache-2.0
//
// Deployment: what all nodes share, a database and a master key, and the data folder of this one.
//
//   DIR/lock             held while a process uses the folder
//   DIR/firmsign.db      the database (platform/db/sqlite.h), unless it is a PostgreSQL one
//   DIR/objects/         object bytes too large for the database, unless they lie elsewhere
//   DIR/master.key       the master key, mode 0600, unless it comes from elsewhere (master_key.h)
//   DIR/credentials      the first account's root access key as an AWS credentials file, mode 0600; only where the
//                        deployment was made
//   DIR/credentials.new  the same while the deployment is being made
//   DIR/admin.sock       the operator's way in, while a server runs

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/server/master_key.h"
#include "apps/server/options.h"
#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/keys/keyring.h"
#include "platform/db/postgres.h"
#include "platform/files/file.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::server {

// What becomes of a folder and a database that hold no deployment.
enum class IfAbsent { kMake, kRefuse };

// A folder in use. Thread safety: confined, but for the database, the clock and the keyring, which are safe.
class Deployment {
 public:
  // Locks DIR and opens the database, making what is missing: folder, master key, schema, first account. Idempotent, so
  // that a crash half-way is finished by the next start. Of several nodes that start over an empty database, one makes
  // the deployment and the others join it. `clock` is what SQLite tells the time with, and outlives the deployment.
  //
  // kUnavailable: another process holds the folder, or the database is away. kDenied: the database refuses this user,
  // or the master key is not the one that it was made with. kInvalid: the options or the database do not fit. Each says
  // what to do. With IfAbsent::kRefuse also kNotFound: there is no deployment, and none was made.
  static Expected<std::unique_ptr<Deployment>> Open(const Options& options, const Clock& clock,
                                                    IfAbsent if_absent = IfAbsent::kMake);

  // Shows what the database does. `metrics` is used no longer than the deployment lives.
  void MakeMetrics(telemetry::Metrics& metrics) const;

  const std::string& folder() const { return folder_; }
  db::Database& database() const { return *database_; }
  // The database's clock, which all nodes share.
  const Clock& clock() const { return *clock_; }
  const keys::Keyring& keyring() const { return *keyring_; }
  const AccountId& first_account() const { return first_account_; }
  const MasterKeyFile& master_key_file() const { return *master_key_file_; }
  bool is_new() const { return is_new_; }        // made by this Open
  bool is_shared() const { return is_shared_; }  // other processes may use the database, too
  // This process among the nodes; another after each start.
  const std::string& node() const { return node_; }
  std::string credentials_file() const { return folder_ + "/credentials"; }
  std::string admin_socket() const { return folder_ + "/admin.sock"; }

 private:
  class DatabaseClock;

  Deployment() = default;
  Expected<void> OpenDatabase(const Options& options, const Clock& clock);
  Expected<void> OpenKeyring(const Options& options, IfAbsent if_absent);
  std::unexpected<Error> UnfinishedCopy() const;
  Expected<MasterKey> FindMasterKey(KeyFacts& facts) const;
  Expected<void> NoteMasterKey(const KeyFacts& facts, const MasterKey& key) const;
  Expected<KeyFacts> Initialise(const Options& options, const MasterKey& master_key);
  Expected<void> FinishCredentials();

  std::string folder_;
  std::string node_;
  std::unique_ptr<files::Lock> lock_;
  std::unique_ptr<db::Database> database_;
  const db::PostgresDatabase* postgres_ = nullptr;  // the same, if it is one
  std::unique_ptr<const Clock> clock_;
  std::optional<MasterKeyFile> master_key_file_;
  std::unique_ptr<keys::Keyring> keyring_;
  AccountId first_account_;
  bool is_new_ = false;
  bool is_shared_ = false;
};

}  // namespace firmsign::server
