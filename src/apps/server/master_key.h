// SPDX-License-Identifier: Apache-2.0
//
// The master key: the file that holds it, and how it is changed while servers run.
//
// The file has one key on a line. While the key is changed it holds two, the new one first, so that there is no moment
// at which it does not open the deployment:
//
//   1. the file gets the new key before the present one,
//   2. a transaction replaces the wrapped data key (fact_store.h),
//   3. the present key goes to FILE.TIME, because backups made until now need it, and the file keeps the new one alone.
//
// Each step holds the row of the wrapped data key, so that of several nodes, which may share the file, one does it at a
// time.

#pragma once

#include <string>
#include <vector>

#include "apps/server/options.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "engine/keys/keyring.h"
#include "platform/db/database.h"
#include "ports/master_keys.h"

namespace firmsign::server {

// Thread safety: as files are.
class MasterKeyFile {
 public:
  // $CREDENTIALS_DIRECTORY/firmsign-master-key if it is there and the options name no other; else FOLDER/master.key.
  MasterKeyFile(const Options& options, const std::string& folder);

  const std::string& path() const { return path_; }
  bool is_credential() const { return is_credential_; }  // of systemd: nobody may write it
  bool Exists() const;
  // Writes a new key. False: the file has been there, or another process has made it meanwhile.
  Expected<bool> Make() const;
  // What opens the deployment with this wrapped data key. kInvalid: the file holds no key; the message names it.
  // kDenied: none of its keys does.
  Expected<std::unique_ptr<keys::Keyring>> Unwrap(const std::string& wrapped, Random& random) const;
  // The first key. kInvalid as above.
  Expected<SecretBytes> First() const;

  // The two changes of a rotation, each at once and any number of times. `line` is FormatMasterKey's.
  Expected<void> Prepend(const SecretBytes& line) const;
  // All keys but the first go to `previous`; nothing happens if that is not `line`, or is the only one.
  Expected<void> Retire(const SecretBytes& line, const std::string& previous) const;

 private:
  // At least one. Each ends with a line feed.
  Expected<std::vector<SecretBytes>> Lines() const;

  std::string path_;
  bool is_credential_ = false;
};

// Thread safety: safe.
class MasterKeys final : public ports::MasterKeys {
 public:
  // All of them outlive it.
  MasterKeys(MasterKeyFile file, db::Database& database, const keys::Keyring& keyring, Random& random)
      : file_(std::move(file)), database_(database), keyring_(keyring), random_(random) {}

  Expected<ports::RotatedMasterKey> Rotate(const std::string& to, const ports::AlsoRotate& also) override;

 private:
  std::string NameForPrevious() const;

  const MasterKeyFile file_;
  db::Database& database_;
  const keys::Keyring& keyring_;
  Random& random_;
};

}  // namespace firmsign::server
