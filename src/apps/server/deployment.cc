// SPDX-License-Identifier: Apache-2.0

#include "apps/server/deployment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>

#include "apps/server/fact_store.h"
#include "apps/server/wiring.h"
#include "platform/crypto/seal.h"
#include "platform/db/sqlite.h"
#include "platform/telemetry/log.h"
#include "services/iam/store.h"

namespace firmsign::server {
namespace {

constexpr std::size_t kCredentialsBytesMax = 4096;

std::string FormatCredentials(const iam::StoredAccessKey& key, const std::string& region) {
  return fmt::format(
      "# The root access key of account {}. Whoever has it may do everything there.\n"
      "[default]\n"
      "aws_access_key_id = {}\n"
      "aws_secret_access_key = {}\n"
      "region = {}\n",
      key.account.str(), key.id.str(), key.secret.Reveal(SecretAccess("the credentials file")), region);
}

// Who this process is in logs and leases: the machine, and an id.
std::string MakeNodeName() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {};
  return fmt::format("{}/{}", host.data(), MakeUuid(crypto::SystemRandom()));
}

// The id in a credentials file; empty if there is none.
AccessKeyId AccessKeyIn(std::string_view credentials) {
  constexpr std::string_view kName = "aws_access_key_id = ";
  const std::size_t at = credentials.find(kName);
  if (at == std::string_view::npos) return AccessKeyId();
  const std::string_view rest = credentials.substr(at + kName.size());
  return AccessKeyId(std::string(rest.substr(0, rest.find('\n'))));
}

Expected<void> ApplySchema(db::Database& database, std::span<const db::Migration> migrations) {
  auto done = db::Migrate(database, migrations);
  if (!done && done.error().code == Code::kDenied) {
    done.error().message +=
        ". The user of --database makes the tables of Firmsign, so let it own the database (ALTER DATABASE ... OWNER "
        "TO ...), or grant it CREATE on the schema.";
  }
  return done;
}

Expected<void> MakeServiceSchemas(db::Database& database) {
  for (const std::span<const db::Migration> migrations : ServiceMigrations()) {
    RETURN_IF_ERROR(ApplySchema(database, migrations));
  }
  return {};
}

std::unexpected<Error> Absent(const Options& options) {
  return Fail(
      Code::kNotFound,
      fmt::format("there is no deployment in {}. Check the path{}; `firmsign init` makes a deployment.",
                  options.database.url.empty() ? options.data : "the database of --database",
                  options.database.url.empty() ? ", and give --database if it uses PostgreSQL" : " and the URL"));
}

}  // namespace

class Deployment::DatabaseClock final : public Clock {
 public:
  explicit DatabaseClock(const db::Database& database) : database_(database) {}
  Instant Now() const override { return database_.Now(); }

 private:
  const db::Database& database_;
};

Expected<std::unique_ptr<Deployment>> Deployment::Open(const Options& options, const Clock& clock, IfAbsent if_absent) {
  if (options.data.empty()) return Fail(Code::kInvalid, "no data folder was given: use --data DIR");
  if (!options.account.empty() && !IsAccountId(options.account)) {
    return Fail(Code::kInvalid, fmt::format("--account {}: an account id has 12 digits", options.account));
  }
  // Before anything is made.
  if (if_absent == IfAbsent::kRefuse &&
      !files::Exists(options.database.url.empty() ? options.data + "/firmsign.db" : options.data)) {
    return Absent(options);
  }
  std::unique_ptr<Deployment> deployment(new Deployment());
  deployment->folder_ = options.data;
  deployment->node_ = MakeNodeName();
  RETURN_IF_ERROR(files::MakeFolders(options.data));
  auto lock = files::Lock::Take(options.data + "/lock");
  if (!lock) {
    if (lock.error().code != Code::kUnavailable) return std::unexpected(std::move(lock).error());
    return Fail(
        Code::kUnavailable,
        fmt::format("another process uses the data folder {}; stop it first, or use its admin.sock", options.data));
  }
  deployment->lock_ = *std::move(lock);
  RETURN_IF_ERROR(deployment->OpenDatabase(options, clock));
  RETURN_IF_ERROR(deployment->OpenKeyring(options, if_absent));
  RETURN_IF_ERROR(deployment->FinishCredentials());
  iam::Store store(*deployment->database_, *deployment->keyring_, crypto::SystemRandom());
  ASSIGN_OR_RETURN(const iam::Account first, store.FirstAccount());
  deployment->first_account_ = first.id;
  RETURN_IF_ERROR(MakeAuthority(*deployment, options));
  return deployment;
}

Expected<void> Deployment::OpenDatabase(const Options& options, const Clock& clock) {
  is_shared_ = !options.database.url.empty();
  if (!is_shared_) {
    ASSIGN_OR_RETURN(database_, db::OpenSqlite({.path = folder_ + "/firmsign.db"}, clock));
  } else {
    auto opened = db::OpenPostgres({.url = options.database.url,
                                    .schema = {},
                                    .connections_max = static_cast<std::size_t>(options.database.connections_max)});
    if (!opened) return Fail(opened.error().code, "--database: " + opened.error().message);
    postgres_ = opened->get();
    database_ = *std::move(opened);
  }
  clock_ = std::make_unique<DatabaseClock>(*database_);
  return ApplySchema(*database_, FactMigrations());
}

void Deployment::MakeMetrics(telemetry::Metrics& metrics) const {
  if (postgres_ == nullptr) return;
  const auto make = [&](const char* name, const char* help, std::int64_t db::PostgresStatistics::* member) {
    metrics.MakeGauge(name, help, [this, member] { return static_cast<double>(postgres_->Statistics().*member); });
  };
  make("firmsign_database_transactions", "Transactions that were begun.", &db::PostgresStatistics::transactions);
  make("firmsign_database_reads", "Snapshots that were read.", &db::PostgresStatistics::reads);
  make("firmsign_database_statements", "Statements that were sent.", &db::PostgresStatistics::statements);
  make("firmsign_database_round_trips", "How often this process waited for the database.",
       &db::PostgresStatistics::round_trips);
}

Expected<void> Deployment::OpenKeyring(const Options& options, IfAbsent if_absent) {
  const MasterKeyFile& file = master_key_file_.emplace(options, folder_);
  ASSIGN_OR_RETURN(KeyFacts facts, FindKeyFacts(*database_));
  if (facts.wrapped_key == kUnfinishedCopy) return UnfinishedCopy();
  const bool was_made = !facts.wrapped_key.empty();
  if (!was_made && if_absent == IfAbsent::kRefuse) return Absent(options);
  if (was_made && !file.Exists(facts)) {
    return Fail(Code::kInvalid,
                fmt::format("the master key {} is missing{}; without it no stored key can be opened. Put your "
                            "saved copy of it there{}.",
                            file.path(), facts.master_key_id.empty() ? "" : ", which is " + facts.master_key_id,
                            is_shared_ ? ", or copy it from another node" : ""));
  }
  if (!was_made) {
    bool made_key = false;
    if (!file.Exists(facts)) {
      ASSIGN_OR_RETURN(made_key, file.Make());
    }
    ASSIGN_OR_RETURN(const MasterKey key, file.Read());
    ASSIGN_OR_RETURN(facts, Initialise(options, key));
    if (facts.wrapped_key == kUnfinishedCopy) return UnfinishedCopy();
    if (made_key && !IsWrappedBy(key, facts)) {
      RETURN_IF_ERROR(files::RemoveFile(folder_ + "/credentials.new"));
      // The file stays: whoever shares it may have put another key there meanwhile.
      return Fail(Code::kDenied,
                  fmt::format("another node has made this deployment meanwhile. Copy its master key to {} and start "
                              "again.",
                              file.path()));
    }
  }
  ASSIGN_OR_RETURN(const MasterKey key, FindMasterKey(facts));
  ASSIGN_OR_RETURN(keyring_, keys::Keyring::Unwrap(key.key, facts.wrapped_key, crypto::SystemRandom()));
  RETURN_IF_ERROR(NoteMasterKey(facts, key));
  // Not before: the tables of another deployment are not ours to change.
  return MakeServiceSchemas(*database_);
}

std::unexpected<Error> Deployment::UnfinishedCopy() const {
  return Fail(Code::kInvalid, fmt::format("{} holds a copy of a deployment that is not finished. If no copy is being "
                                          "made, one was interrupted: remove what it left, and copy again.",
                                          is_shared_ ? "the database" : folder_));
}

// The key that wraps the data key as the database says it now. kDenied: it is not here; says which one is needed.
Expected<MasterKey> Deployment::FindMasterKey(KeyFacts& facts) const {
  constexpr int kTries = 3;  // against others who change the key just now
  auto key = master_key_file_->Find(facts);
  for (int i = 1; i < kTries && !key && key.error().code == Code::kConflict; ++i) {
    ASSIGN_OR_RETURN(KeyFacts now, FindKeyFacts(*database_));
    if (now.wrapped_key == facts.wrapped_key) break;
    facts = std::move(now);
    key = master_key_file_->Find(facts);
  }
  // Nobody shall try again at once: tokens lock themselves.
  if (!key && key.error().code == Code::kUnavailable) return Fail(Code::kDenied, key.error().message);
  if (key || key.error().code != Code::kConflict) return key;
  return Fail(Code::kDenied,
              fmt::format("{} is not the master key of the deployment that owns the database: {}. Put the saved copy "
                          "of that key there, copy it from a node, or name the database of this deployment. `firmsign "
                          "keys rotate-master` "
                          "keeps each key as {}.ID beside the file that it replaces, or in the file of --to.",
                          master_key_file_->path(), key.error().message,
                          std::filesystem::path(master_key_file_->path()).filename().string()));
}

// Ends a change of the master key that was interrupted, and writes down its id where none is yet.
Expected<void> Deployment::NoteMasterKey(const KeyFacts& facts, const MasterKey& key) const {
  const auto mended = master_key_file_->Mend(key);
  if (!mended || *mended) {
    telemetry::Log(telemetry::Level::kWarning, mended ? "master_key_mended" : "master_key_not_mended",
                   {{"file", master_key_file_->path()},
                    {"id", key.id},
                    {"cause", mended ? "it held another" : mended.error().message}});
  }
  if (!facts.master_key_id.empty()) return {};
  return database_->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(ProposeFact(transaction, kMasterKeyIdFact, key.id));
    return {};
  });
}

// Makes the deployment unless another node does; the data key that counts. The credentials are on the disk
// before the account is committed, so that no account exists whose key nobody has.
Expected<KeyFacts> Deployment::Initialise(const Options& options, const MasterKey& master_key) {
  if (files::Exists(credentials_file())) {
    return Fail(Code::kInvalid,
                fmt::format("{} is the root access key of a deployment, and the database is empty. Name the database "
                            "of that deployment with --database, or move the file away to make a new one.",
                            credentials_file()));
  }
  if (is_shared_ && files::Exists(folder_ + "/firmsign.db")) {
    return Fail(
        Code::kInvalid,
        fmt::format("{} holds a deployment in firmsign.db, and the database of --database is empty. Use another "
                    "data folder to make a new deployment.",
                    folder_));
  }
  RETURN_IF_ERROR(MakeServiceSchemas(*database_));
  Random& random = crypto::SystemRandom();
  const std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(master_key.key, random);
  const AccountId account(options.account.empty() ? iam::MakeAccountId(random) : AccountId(options.account));
  const iam::StoredAccessKey key = iam::MakeAccessKey(random, account, database_->Now());
  RETURN_IF_ERROR(
      files::WriteFileAtomically(folder_ + "/credentials.new", FormatCredentials(key, options.region.default_region)));
  iam::Store store(*database_, *keyring, random);
  std::string agreed;
  RETURN_IF_ERROR(database_->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(agreed, AgreeOnFact(transaction, kWrappedKeyFact, keyring->wrapped()));
    if (agreed != keyring->wrapped()) return {};
    RETURN_IF_ERROR(ProposeFact(transaction, kMasterKeyIdFact, master_key.id));
    RETURN_IF_ERROR(store.CreateAccount(transaction, "first", key.created_at, account));
    return store.AddAccessKey(transaction, key);
  }));
  is_new_ = agreed == keyring->wrapped();
  return KeyFacts{.wrapped_key = agreed, .master_key_id = is_new_ ? master_key.id : "", .changed_at = ""};
}

// Ends what Initialise began, perhaps in an earlier start: the file stays if its key is in the database.
Expected<void> Deployment::FinishCredentials() {
  const std::string path = folder_ + "/credentials.new";
  if (!files::Exists(path)) return {};
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path, kCredentialsBytesMax));
  const AccessKeyId key = AccessKeyIn(text);
  Wipe(text);
  const auto found = iam::Store(*database_, *keyring_, crypto::SystemRandom()).FindAccessKey(key);
  if (found) return files::RenameDurably(path, credentials_file());
  if (found.error().code != Code::kNotFound) return std::unexpected(found.error());
  return files::RemoveFile(path);
}

}  // namespace firmsign::server
