// SPDX-License-Identifier: Apache-2.0

#include "apps/server/transfer_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

#include "apps/server/fact_store.h"
#include "apps/server/wiring.h"
#include "platform/db/postgres.h"
#include "platform/db/sqlite.h"
#include "platform/db/sqlite_copying.h"
#include "services/signer/store.h"

namespace firmsign::server::transfer {
namespace {

constexpr std::string_view kDatabaseFile = "firmsign.db";
// What may lie in a folder that a deployment is copied into: keys put there before, a mount point's own, our lock.
bool IsHarmless(std::string_view name) {
  return name == "master.key" || name.starts_with("master.key.") || name == "lost+found" || name == "lock";
}

Expected<void> ApplyMigrations(db::Database& database) {
  for (const std::span<const db::Migration> migrations : ServiceMigrations()) {
    RETURN_IF_ERROR(db::Migrate(database, migrations));
  }
  return {};
}

bool Has(const std::vector<db::Table>& tables, std::string_view name) {
  return std::ranges::find(tables, name, &db::Table::name) != tables.end();
}

// Copying takes longer than serving a request.
Expected<std::unique_ptr<db::PostgresDatabase>> OpenPostgresAt(const std::string& url, std::string_view option) {
  auto opened = db::OpenPostgres({.url = url,
                                  .schema = {},
                                  .connections_max = 2,
                                  .statement_max = std::chrono::hours(24),
                                  .rest_max = std::chrono::hours(24)});
  if (!opened) return Fail(opened.error().code, fmt::format("{}: {}", option, opened.error().message));
  return *std::move(opened);
}

// Nodes that serve. One that has just ended is counted until the database notices, so that needs another look.
Expected<std::int64_t> CountNodes(db::PostgresDatabase& database) {
  constexpr int kLooks = 20;
  constexpr std::chrono::milliseconds kPause{100};
  std::int64_t nodes = 0;
  for (int look = 0; look < kLooks; ++look) {
    if (look > 0) std::this_thread::sleep_for(kPause);
    ASSIGN_OR_RETURN(nodes, database.CountListeners());
    if (nodes == 0) break;
  }
  return nodes;
}

std::unexpected<Error> Unfinished(std::string_view option) {
  return Fail(Code::kInvalid,
              fmt::format("{} holds a copy that was not finished. Remove all of it, and copy again.", option));
}

Expected<void> CheckFolderEmpty(const std::string& folder) {
  if (!files::Exists(folder)) return {};
  ASSIGN_OR_RETURN(const std::vector<files::Entry> entries, files::ListFolder(folder));
  for (const files::Entry& entry : entries) {
    if (IsHarmless(entry.name)) continue;
    return Fail(Code::kConflict, fmt::format("{} is not empty: it holds {}. Name a new folder; nothing was changed.",
                                             folder, entry.name));
  }
  return {};
}

}  // namespace

Expected<Schema> Schema::OfThisProgram() {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<db::Database> database, db::OpenSqlite({.path = ":memory:"}, clock));
  RETURN_IF_ERROR(db::Migrate(*database, FactMigrations()));
  RETURN_IF_ERROR(ApplyMigrations(*database));
  Schema schema;
  RETURN_IF_ERROR(database->Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(schema.tables, db::ListTables(reader, db::Driver::kSqlite));
    ASSIGN_OR_RETURN(schema.migrations, db::ListMigrations(reader));
    return {};
  }));
  return schema;
}

Expected<std::unique_ptr<Source>> Source::Open(const TransferOptions& options, const Clock& clock) {
  std::unique_ptr<Source> source(new Source());
  source->place_ = IsPostgresUrl(options.from) ? "the database of --from" : options.from;
  if (!options.from_objects.empty()) source->objects_.emplace(options.from_objects);
  if (IsPostgresUrl(options.from)) {
    source->driver_ = db::Driver::kPostgres;
    ASSIGN_OR_RETURN(std::unique_ptr<db::PostgresDatabase> opened, OpenPostgresAt(options.from, "--from"));
    if (options.kind == TransferKind::kMigrate) {
      ASSIGN_OR_RETURN(const std::int64_t nodes, CountNodes(*opened));
      if (nodes > 0) {
        return Fail(Code::kUnavailable,
                    fmt::format("{} nodes use the database of --from; what they write from now on would be lost, so "
                                "stop them first. (firmsign backup copies while they run.)",
                                nodes));
      }
    }
    source->database_ = std::move(opened);
  } else {
    RETURN_IF_ERROR(source->OpenFolder(options, clock));
  }
  return source;
}

Expected<void> Source::OpenFolder(const TransferOptions& options, const Clock& clock) {
  const std::string path = fmt::format("{}/{}", options.from, kDatabaseFile);
  if (!files::Exists(path)) {
    return Fail(Code::kInvalid, fmt::format("{} holds no deployment: there is no {}. Name a data folder, a backup, or "
                                            "postgres://...",
                                            options.from, path));
  }
  if (options.kind == TransferKind::kMigrate) {
    auto lock = files::Lock::Take(options.from + "/lock");
    if (!lock && lock.error().code == Code::kUnavailable) {
      return Fail(Code::kUnavailable,
                  fmt::format("a server uses {}; what it writes from now on would be lost, so stop it first. (firmsign "
                              "backup copies while it runs.)",
                              options.from));
    }
    if (!lock) return std::unexpected(std::move(lock).error());
    lock_ = *std::move(lock);
  }
  ASSIGN_OR_RETURN(database_, db::OpenSqliteForReading(path, clock));
  const std::string objects = options.from + "/objects";
  if (!objects_ && files::Exists(objects)) objects_.emplace(objects);
  return {};
}

Expected<void> Source::Check(db::Reader& reader, const Schema& schema) {
  ASSIGN_OR_RETURN(const std::vector<db::Table> tables, db::ListTables(reader, driver_));
  if (!Has(tables, "deployment_facts")) {
    return Fail(Code::kInvalid, fmt::format("{} holds no deployment of Firmsign", place_));
  }
  // Before the schema: a copy that was interrupted lacks some of it, and nothing else is wrong with it.
  RETURN_IF_ERROR(ReadWrappedKey(reader));
  RETURN_IF_ERROR(CheckSchema(reader, schema, tables));
  return CheckObjects(reader);
}

Expected<void> Source::ReadWrappedKey(db::Reader& reader) {
  ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, FindFact(reader, kWrappedKeyFact));
  if (!wrapped) return Fail(Code::kInvalid, fmt::format("{} holds no deployment: it has no data key yet", place_));
  if (*wrapped == kUnfinishedCopy) return Unfinished(place_);
  wrapped_key_ = *wrapped;
  ASSIGN_OR_RETURN(const std::optional<std::string> id, FindFact(reader, kMasterKeyIdFact));
  master_key_id_ = id.value_or("");
  return {};
}

Expected<void> Source::CheckSchema(db::Reader& reader, const Schema& schema,
                                   const std::vector<db::Table>& tables) const {
  ASSIGN_OR_RETURN(const std::vector<db::AppliedMigration> applied, db::ListMigrations(reader));
  const auto same = [](const db::AppliedMigration& one) {
    return [&one](const db::AppliedMigration& other) {
      return other.component == one.component && other.number == one.number;
    };
  };
  for (const db::AppliedMigration& one : applied) {
    const auto known = std::ranges::find_if(schema.migrations, same(one));
    if (known == schema.migrations.end()) {
      return Fail(Code::kInvalid, fmt::format("{} was last used by a newer program: it has migration {}/{}. Copy with "
                                              "that program.",
                                              place_, one.component, one.number));
    }
    if (known->checksum != one.checksum) {
      return Fail(Code::kInvalid, fmt::format("{} was made by another program: its migration {}/{} is not ours", place_,
                                              one.component, one.number));
    }
  }
  for (const db::AppliedMigration& one : schema.migrations) {
    if (std::ranges::any_of(applied, same(one))) continue;
    return Fail(Code::kInvalid,
                fmt::format("{} was last used by an older program: it lacks migration {}/{}. Start this "
                            "server over it once, stop it, and copy again.",
                            place_, one.component, one.number));
  }
  for (const db::Table& table : schema.tables) {
    const auto found = std::ranges::find(tables, table.name, &db::Table::name);
    if (found != tables.end() && found->columns == table.columns) continue;
    return Fail(Code::kInvalid, fmt::format("{}: the table {} is not as the migrations made it", place_, table.name));
  }
  return {};
}

// Which folder holds the objects is a fact of the deployment, once a server has started over it.
Expected<void> Source::CheckObjects(db::Reader& reader) {
  ASSIGN_OR_RETURN(const std::optional<std::string> fact, FindFact(reader, kObjectsFolderFact));
  ASSIGN_OR_RETURN(const bool has_files, HasFiles(reader));
  if (!objects_) {
    if (!has_files && (!fact || fact->empty())) return {};
    return Fail(Code::kInvalid, fmt::format("the objects of {} lie in a folder (s3.objects_folder). Name it with "
                                            "--from-objects.",
                                            place_));
  }
  if (!files::Exists(objects_->path())) {
    return Fail(Code::kInvalid,
                fmt::format("there is no folder {}; mount it, or name another with --from-objects", objects_->path()));
  }
  ASSIGN_OR_RETURN(const std::string id, objects_->Id());
  if (!fact || *fact == id) return {};
  return Fail(Code::kInvalid,
              fmt::format("{} is not the folder in which {} keeps its objects: {}. Name that one with --from-objects.",
                          objects_->path(), place_,
                          fact->empty() ? "they lie in the database" : "the file id in it is not the same"));
}

Expected<std::unique_ptr<Target>> Target::Find(const TransferOptions& options, const Schema& schema,
                                               const Clock& clock) {
  std::unique_ptr<Target> target(new Target(options, clock));
  if (IsPostgresUrl(options.to)) {
    if (!options.to_objects.empty()) target->objects_.emplace(options.to_objects);
    ASSIGN_OR_RETURN(target->database_, OpenPostgresAt(options.to, "--to"));
  } else {
    target->objects_.emplace(options.to_objects.empty() ? options.to + "/objects" : options.to_objects);
  }
  RETURN_IF_ERROR(target->CheckEmpty(schema));
  return target;
}

Expected<void> Target::CheckEmpty(const Schema& schema) const {
  if (objects_) RETURN_IF_ERROR(CheckFolderEmpty(objects_->path()));
  if (!database_) return CheckFolderEmpty(options_.to);
  return database_->Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::vector<db::Table> tables, db::ListTables(reader, db::Driver::kPostgres));
    if (Has(tables, "deployment_facts")) {
      ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, FindFact(reader, kWrappedKeyFact));
      if (wrapped == kUnfinishedCopy) return Unfinished("the database of --to");
    }
    for (const db::Table& table : schema.tables) {
      if (!Has(tables, table.name)) continue;
      return Fail(Code::kConflict, fmt::format("the database of --to is not empty: it has the table {}. Name a new "
                                               "database (CREATE DATABASE ...); nothing was changed.",
                                               table.name));
    }
    return {};
  });
}

std::optional<std::uint64_t> Target::FreeBytes() const {
  if (!objects_) return std::nullopt;
  std::string folder = objects_->path();
  while (!folder.empty() && !files::Exists(folder)) {
    const std::size_t slash = folder.rfind('/');
    folder = slash == std::string::npos ? "." : folder.substr(0, slash);
  }
  const auto free = files::FreeBytes(folder.empty() ? "/" : folder);
  return free ? std::optional(*free) : std::nullopt;
}

Expected<void> Target::Make(const Schema& schema) {
  if (!IsPostgresUrl(options_.to)) {
    RETURN_IF_ERROR(files::MakeFolders(options_.to));
    auto lock = files::Lock::Take(options_.to + "/lock");
    if (!lock && lock.error().code == Code::kUnavailable) {
      return Fail(Code::kUnavailable, fmt::format("another process uses {}. Name a new folder.", options_.to));
    }
    if (!lock) return std::unexpected(std::move(lock).error());
    lock_ = *std::move(lock);
    RETURN_IF_ERROR(CheckEmpty(schema));
    ASSIGN_OR_RETURN(database_, db::OpenSqlite({.path = fmt::format("{}/{}", options_.to, kDatabaseFile)}, clock_));
  }
  auto marked = db::Migrate(*database_, FactMigrations());
  if (!marked && marked.error().code == Code::kDenied) {
    marked.error().message +=
        ". The user of --to makes the tables of Firmsign, so let it own the database (ALTER DATABASE ... OWNER TO "
        "...), "
        "or grant it CREATE on the schema.";
  }
  if (!marked) return marked;
  // Whoever makes a deployment competes for this fact (Deployment::Open), and so do two copies.
  bool is_ours = false;
  RETURN_IF_ERROR(database_->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(is_ours, ProposeFact(transaction, kWrappedKeyFact, kUnfinishedCopy));
    return {};
  }));
  if (!is_ours) {
    return Fail(Code::kConflict,
                "another process has made a deployment at the target meanwhile. Stop it, or name "
                "another target.");
  }
  RETURN_IF_ERROR(ApplyMigrations(*database_));
  if (!objects_) return {};
  ASSIGN_OR_RETURN(objects_id_, objects_->Make());
  return {};
}

Expected<void> Target::Finish(const std::string& wrapped_key) {
  // Who held them is gone, or goes on elsewhere.
  RETURN_IF_ERROR(signer::Store(*database_).EndAllLeases());
  RETURN_IF_ERROR(database_->InTransaction(
      [&](db::Transaction& transaction) { return FinishCopy(transaction, wrapped_key, objects_id_); }));
  database_.reset();
  if (options_.kind == TransferKind::kBackup) {
    RETURN_IF_ERROR(db::MakeSqliteSelfContained(fmt::format("{}/{}", options_.to, kDatabaseFile)));
    RETURN_IF_ERROR(files::RemoveFile(options_.to + "/lock"));
  }
  lock_.reset();
  return IsPostgresUrl(options_.to) ? Expected<void>() : files::SyncFolder(options_.to);
}

}  // namespace firmsign::server::transfer
