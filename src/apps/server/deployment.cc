// SPDX-License-Identifier: Apache-2.0

#include "apps/server/deployment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "apps/server/fact_store.h"
#include "apps/server/wiring.h"
#include "platform/crypto/seal.h"
#include "services/iam/store.h"

namespace firmsign::server {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;

std::string MasterKeyPath(const Options& options, const std::string& folder) {
  if (!options.master_key_file.empty()) return options.master_key_file;
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    std::string path = std::string(credentials) + "/firmsign-master-key";
    if (files::Exists(path)) return path;
  }
  return folder + "/master.key";
}

std::string FormatCredentials(const iam::AccessKey& key, const std::string& region) {
  return fmt::format(
      "# The root access key of account {}. Whoever has it may do everything there.\n"
      "[default]\n"
      "aws_access_key_id = {}\n"
      "aws_secret_access_key = {}\n"
      "region = {}\n",
      key.account.str(), key.id.str(), key.secret.Reveal(SecretAccess("the credentials file")), region);
}

}  // namespace

Expected<std::unique_ptr<Deployment>> Deployment::Open(const Options& options, const Clock& clock) {
  if (options.data.empty()) return Fail(Code::kInvalid, "no data folder was given: use --data DIR");
  if (!options.account.empty() && !IsAccountId(options.account)) {
    return Fail(Code::kInvalid, fmt::format("--account {}: an account id has 12 digits", options.account));
  }
  std::unique_ptr<Deployment> deployment(new Deployment());
  deployment->folder_ = options.data;
  RETURN_IF_ERROR(files::MakeFolders(options.data));
  auto lock = files::Lock::Take(options.data + "/lock");
  if (!lock) {
    if (lock.error().code != Code::kUnavailable) return std::unexpected(std::move(lock).error());
    return Fail(
        Code::kUnavailable,
        fmt::format("another process uses the data folder {}; stop it first, or use its admin.sock", options.data));
  }
  deployment->lock_ = *std::move(lock);
  ASSIGN_OR_RETURN(deployment->database_, db::OpenSqlite({.path = options.data + "/firmsign.db"}, clock));
  RETURN_IF_ERROR(db::Migrate(*deployment->database_, FactMigrations()));
  for (const std::span<const db::Migration> migrations : ServiceMigrations()) {
    RETURN_IF_ERROR(db::Migrate(*deployment->database_, migrations));
  }
  RETURN_IF_ERROR(deployment->OpenKeyring(options));
  RETURN_IF_ERROR(deployment->MakeFirstAccount(options, clock));
  return deployment;
}

Expected<void> Deployment::OpenKeyring(const Options& options) {
  Random& random = crypto::SystemRandom();
  const std::string path = MasterKeyPath(options, folder_);
  ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, FindWrappedKey(*database_));
  if (!files::Exists(path)) {
    if (wrapped) {
      return Fail(Code::kInvalid,
                  fmt::format("the master key {} is missing; without it no stored key can be opened. Put "
                              "it back from your backup.",
                              path));
    }
    RETURN_IF_ERROR(files::WriteFileAtomically(path, keys::FormatMasterKey(keys::MakeMasterKey(random))));
  }
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path, kKeyFileBytesMax));
  auto master_key = keys::ParseMasterKey(SecretBytes(std::move(text)));
  if (!master_key) return Fail(Code::kInvalid, fmt::format("{}: {}", path, master_key.error().message));
  if (wrapped) {
    auto keyring = keys::Keyring::Unwrap(*master_key, *wrapped, random);
    if (!keyring) {
      return Fail(keyring.error().code,
                  fmt::format("{} is not the master key of this deployment: {}", path, keyring.error().message));
    }
    keyring_ = *std::move(keyring);
    return {};
  }
  keyring_ = keys::Keyring::Make(*master_key, random);
  return InsertWrappedKey(*database_, keyring_->wrapped());
}

// The credentials file is written before the account is committed, so that no account exists whose key nobody has. A
// crash between the two leaves a file that the next start replaces.
Expected<void> Deployment::MakeFirstAccount(const Options& options, const Clock& clock) {
  iam::Store store(*database_, *keyring_, crypto::SystemRandom());
  const auto first = store.FirstAccount();
  if (first) {
    first_account_ = first->id;
    return {};
  }
  if (first.error().code != Code::kNotFound) return std::unexpected(first.error());
  const std::optional<AccountId> wanted =
      options.account.empty() ? std::nullopt : std::optional(AccountId(options.account));
  is_new_ = true;
  return database_->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const iam::Account account, store.CreateAccount(transaction, "first", clock.Now(), wanted));
    ASSIGN_OR_RETURN(const iam::AccessKey key, store.CreateAccessKey(transaction, account.id, clock.Now()));
    first_account_ = account.id;
    return files::WriteFileAtomically(credentials_file(), FormatCredentials(key, options.region.default_region));
  });
}

}  // namespace firmsign::server
