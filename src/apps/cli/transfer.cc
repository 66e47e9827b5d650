// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/transfer.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "apps/cli/progress.h"
#include "apps/server/serve.h"

namespace firmsign::cli {
namespace {

using server::TransferKind;

// A line for each table, and a bar for the bytes while they take long.
class PrintedProgress final : public server::TransferProgress {
 public:
  void OnTable(std::string_view table, std::int64_t rows) override {
    bar_.reset();
    fmt::print("copied    {:22} {:>9} records\n", table, rows);
    static_cast<void>(std::fflush(stdout));
  }
  void OnBytes(std::uint64_t done, std::uint64_t total) override {
    if (!bar_) bar_ = std::make_unique<Progress>("objects", total);
    bar_->Show(done);
  }

 private:
  std::unique_ptr<Progress> bar_;
};

void PrintNextStep(const server::TransferOptions& options, const std::string& key_id) {
  const std::string key = key_id.empty() ? "the master key" : "the master key " + key_id;
  if (options.kind == TransferKind::kBackup) {
    fmt::print(
        "\n"
        "The backup is in {}.\n"
        "THE MASTER KEY IS NOT IN IT. Keep a copy of {} somewhere else: without that key, no private\n"
        "key and no access key in the backup can be used again, by you or by a thief. Images and records in it are "
        "not\n"
        "encrypted.\n",
        options.to, key);
    return;
  }
  const bool is_postgres = server::IsPostgresUrl(options.to);
  const std::string_view folder = is_postgres ? "DIR" : std::string_view(options.to);
  fmt::print(
      "\n"
      "The copy is complete. Put {3} into {0}/master.key, and start a server:\n"
      "  firmsign serve --data {0}{1}{2}\n",
      folder, is_postgres ? " --database URL" : "",  // the URL may hold a password
      options.to_objects.empty() ? std::string() : fmt::format(" --set s3.objects_folder={}", options.to_objects), key);
}

}  // namespace

TransferCommands::TransferCommands(CLI::App& app)
    : migrate_(app.add_subcommand("migrate", "Copy a stopped deployment to another database, and verify it")),
      backup_(app.add_subcommand("backup", "Copy a deployment to a folder, also while it serves, and verify it")),
      restore_(app.add_subcommand("restore", "Copy a backup to a new data folder or database, and verify it")) {
  for (CLI::App* command : {migrate_, backup_, restore_}) {
    const bool reads_postgres = command != restore_;
    const bool writes_postgres = command != backup_;
    command
        ->add_option("--from", options_.from,
                     reads_postgres ? "A data folder, or the URL of a PostgreSQL database" : "The backup")
        ->required()
        ->type_name(reads_postgres ? "DIR|URL" : "DIR");
    command
        ->add_option("--to", options_.to,
                     writes_postgres ? "A new data folder, or the URL of an empty PostgreSQL database" : "A new folder")
        ->required()
        ->type_name(writes_postgres ? "DIR|URL" : "DIR");
    command
        ->add_option("--from-objects", options_.from_objects,
                     "The folder of the source's objects (default: FROM/objects; with PostgreSQL the database)")
        ->type_name("DIR");
    if (!writes_postgres) continue;
    command
        ->add_option("--to-objects", options_.to_objects,
                     "A new folder for the objects (default: TO/objects; with PostgreSQL the database)")
        ->type_name("DIR");
    command
        ->add_option("--object-bytes-max", options_.database_bytes_max,
                     "The option s3.database_bytes_max of the servers at the target, if it is not the default")
        ->type_name("BYTES")
        ->check(CLI::Range(std::size_t{1} << 16, std::size_t{256} << 20));
  }
}

bool TransferCommands::IsAsked() const { return migrate_->parsed() || backup_->parsed() || restore_->parsed(); }

Expected<void> TransferCommands::Run() {
  server::DecideCoreDumps(false);
  server::KeepFilesPrivate();
  options_.kind = migrate_->parsed()  ? TransferKind::kMigrate
                  : backup_->parsed() ? TransferKind::kBackup
                                      : TransferKind::kRestore;
  PrintedProgress progress;
  ASSIGN_OR_RETURN(const server::TransferSummary summary, server::Transfer(options_, progress));
  fmt::print("verified {} records, {} objects, {} bytes\n", summary.records, summary.objects, summary.bytes);
  PrintNextStep(options_, summary.master_key_id);
  return {};
}

}  // namespace firmsign::cli
