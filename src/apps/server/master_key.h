// SPDX-License-Identifier: Apache-2.0
//
// The master key: the files that hold it, and how it is changed while servers run.
//
// A key has an id (keys::MasterKeyId), and the database says the id of the one that counts. FILE holds it; besides,
// each key that has ever been changed, and each that came in its place, is kept in a file of its own, FILE.ID, which is
// made once and never written again. A change is:
//
//   1. FILE.ID is made for the new key, and for the present one,
//   2. a transaction replaces the wrapped data key and the id, if they are still what they were,
//   3. FILE is replaced by the new key.
//
// No file of a key is ever removed but that of a new key whose transaction was not even tried.
//
// Whoever dies between them, or comes late, or does it at the same moment on another node: FILE.ID of the id that
// counts is there, and who opens the deployment takes it, and lets FILE hold it, too.
//
// Such a file is one line: 32 bytes in base64, or `token:NAME:LABEL:SHARE`, of which the token NAME makes the key by
// its secret key LABEL (engine/keys/token_key.h).

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "apps/server/fact_store.h"
#include "apps/server/options.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "engine/keys/keyring.h"
#include "platform/db/database.h"
#include "ports/master_keys.h"

namespace firmsign::server {

struct MasterKey {
  SecretBytes line;  // of its file
  SecretBytes key;
  std::string id;
};

// Whether the key opens the data key.
bool IsWrappedBy(const MasterKey& key, const KeyFacts& facts);

// Thread safety: as files are.
class MasterKeyFile {
 public:
  // $CREDENTIALS_DIRECTORY/firmsign-master-key if it is there and the options name no other; else FOLDER/master.key.
  // A symbolic link stands for what it points to.
  MasterKeyFile(const Options& options, const std::string& folder);

  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& id) const { return path_ + "." + id; }
  bool is_credential() const { return is_credential_; }  // of systemd: nobody may write it
  // Whether there is FILE, or FILE.ID of the id that counts.
  bool Exists(const KeyFacts& facts) const;
  // Writes a new key. False: the file has been there, or another process has made it meanwhile.
  Expected<bool> Make() const;

  // kInvalid: the file holds no key; the message names it. kUnavailable: its token is away. Else codes of files.
  Expected<MasterKey> Read() const { return ReadFrom(path_); }
  // The key that wraps the data key, from FILE or FILE.ID. kConflict: neither holds it; the message names the key. Else
  // codes as Read.
  Expected<MasterKey> Find(const KeyFacts& facts) const;

  Expected<MasterKey> New(const ports::MasterKeyPlace& place, Random& random) const;
  // The file FILE.ID of a key, unless it is there.
  Expected<void> Keep(const MasterKey& key) const;
  // Lets FILE hold this key; whether it did not. What it held and no file beside it holds is kept as
  // FILE.replaced.UUID.
  Expected<bool> Mend(const MasterKey& key) const;
  // Writes a new file. False: there is one of this name.
  Expected<bool> WriteExclusively(const std::string& path, const SecretBytes& line) const;

 private:
  Expected<bool> IsKept(const SecretBytes& line) const;
  Expected<MasterKey> KeyOf(const SecretBytes& line, const std::string& path) const;
  Expected<MasterKey> ReadFrom(const std::string& path) const;
  Expected<SecretBytes> Derive(const std::string& token, const std::string& label, const SecretBytes& share) const;
  Expected<std::string> WriteDraft(const std::string& path, const SecretBytes& line) const;

  std::string path_;
  bool is_credential_ = false;
  Pkcs11Options pkcs11_;
};

// Thread safety: safe.
class MasterKeys final : public ports::MasterKeys {
 public:
  // All of them outlive it.
  MasterKeys(MasterKeyFile file, db::Database& database, const keys::Keyring& keyring, Random& random)
      : file_(std::move(file)), database_(database), keyring_(keyring), random_(random) {}

  Expected<ports::RotatedMasterKey> Rotate(const ports::MasterKeyPlace& place, const ports::AlsoRotate& also) override;

 private:
  Expected<ports::RotatedMasterKey> Prepare(const KeyFacts& before, const MasterKey& made, const std::string& to) const;
  Expected<void> Count(const KeyFacts& before, const MasterKey& made, const ports::RotatedMasterKey& rotated,
                       const ports::AlsoRotate& also) const;

  const MasterKeyFile file_;
  db::Database& database_;
  const keys::Keyring& keyring_;
  Random& random_;
};

}  // namespace firmsign::server
