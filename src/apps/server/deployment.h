// SPDX-License-Identifier: Apache-2.0
//
// Deployment: a data folder that this process holds, with its database, master key and first account.
//
//   DIR/lock          held while a process uses the folder
//   DIR/firmsign.db   the database (platform/db/sqlite.h)
//   DIR/objects/      object bytes too large for the database
//   DIR/master.key    the master key, mode 0600, unless it comes from elsewhere
//   DIR/credentials   the first account's root access key as an AWS credentials file, mode 0600
//   DIR/admin.sock    the operator's way in, while a server runs

#pragma once

#include <memory>
#include <string>

#include "apps/server/options.h"
#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/keys/keyring.h"
#include "platform/db/sqlite.h"
#include "platform/files/file.h"

namespace firmsign::server {

// A folder in use. Thread safety: confined, but for the database and the keyring, which are safe.
class Deployment {
 public:
  // Locks and opens DIR, making what is missing: folder, master key, database, schema, first account. Idempotent, so
  // that a crash half-way is finished by the next start. kUnavailable: another process holds the folder. kDenied: the
  // master key is not the one that the database was made with. kInvalid: the options, with what to do.
  static Expected<std::unique_ptr<Deployment>> Open(const Options& options, const Clock& clock);

  const std::string& folder() const { return folder_; }
  db::SqliteDatabase& database() { return *database_; }
  const keys::Keyring& keyring() const { return *keyring_; }
  const AccountId& first_account() const { return first_account_; }
  bool is_new() const { return is_new_; }  // made by this Open
  std::string credentials_file() const { return folder_ + "/credentials"; }
  std::string admin_socket() const { return folder_ + "/admin.sock"; }

 private:
  Deployment() = default;
  Expected<void> OpenKeyring(const Options& options);
  Expected<void> MakeFirstAccount(const Options& options, const Clock& clock);

  std::string folder_;
  std::unique_ptr<files::Lock> lock_;
  std::unique_ptr<db::SqliteDatabase> database_;
  std::unique_ptr<keys::Keyring> keyring_;
  AccountId first_account_;
  bool is_new_ = false;
};

}  // namespace firmsign::server
