// SPDX-License-Identifier: Apache-2.0

#include "apps/server/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "apps/server/fact_store.h"
#include "apps/server/transfer_objects.h"
#include "apps/server/transfer_places.h"
#include "base/time.h"
#include "platform/db/table_copier.h"

namespace firmsign::server {
namespace {

using db::TableCopier;
using transfer::BlobCount;
using transfer::Schema;
using transfer::Source;
using transfer::Target;

// Tables whose rows are not copied.
constexpr std::array<std::string_view, 4> kTransientTables{
    "schema_migrations",  // the target's own say the same: Source::Check
    "db_leases",          // of nodes that do not run over the target
    "iam_nodes",          // the same
    "gateway_rates",      // what was used of the rate limits in the last seconds
};
constexpr std::string_view kFactTable = "deployment_facts";

// Each pass copies what came during the one before it, so few are enough for any load that a disk can take.
constexpr int kPassesMax = 50;

// The facts that the target has values of its own for (Target::Finish).
bool IsCopiedFact(const db::Record& record) {
  const auto* name = std::get_if<std::string>(&record[0]);
  return name == nullptr || (*name != kWrappedKeyFact && *name != kObjectsFolderFact);
}

// One copy under way.
class Copying {
 public:
  Copying(const TransferOptions& options, Source& source, Target& target, TransferProgress& progress)
      : source_(source), target_(target), progress_(progress) {
    blobs_ = {.from = source.objects(),
              .to = target.objects(),
              .inline_bytes_max = options.inline_bytes_max,
              .on_bytes = [this](std::size_t bytes) {
                done_ += bytes;
                progress_.OnBytes(std::min(done_, total_), total_);
              }};
  }

  Expected<void> Prepare(const Schema& schema, std::uint64_t total) {
    total_ = total;
    for (const db::Table& table : schema.tables) {
      if (std::ranges::find(kTransientTables, table.name) != kTransientTables.end()) continue;
      const bool is_known = table.name == transfer::kBlobTable ? transfer::IsBlobTable(table) : !table.key.empty();
      if (!is_known) return Fail(Code::kInternal, fmt::format("table {} cannot be copied", table.name));
      tables_.push_back(
          std::make_unique<TableCopier>(table, table.name == kFactTable ? db::Keeps(&IsCopiedFact) : db::Keeps()));
    }
    return {};
  }

  Expected<TransferSummary> Run() {
    std::set<std::string> gone;
    int snapshots = 0;
    for (int pass = 0; pass < kPassesMax; ++pass) {
      RETURN_IF_ERROR(source_.database().Read([&](db::Reader& reader) -> Expected<void> {
        ++snapshots;
        // A driver runs this again when its connection breaks. Files of the first time are still good, rows are not.
        if (has_rows_) {
          return Fail(Code::kUnavailable,
                      "the connection to the source was lost during the copy. Remove the copy and try again.");
        }
        RETURN_IF_ERROR(db::AllowLongRead(reader, source_.driver()));
        ASSIGN_OR_RETURN(gone, transfer::CopyFiles(reader, blobs_, gone));
        if (!gone.empty()) return {};
        has_rows_ = true;
        // The one that belongs to these rows: the master key may have been changed since Check.
        RETURN_IF_ERROR(source_.ReadWrappedKey(reader));
        RETURN_IF_ERROR(CopyRows(reader));
        return Compare(reader);
      }));
      if (!gone.empty()) continue;
      if (target_.objects() != nullptr && snapshots > 1) {
        RETURN_IF_ERROR(transfer::RemoveDeletedFiles(target_.database(), *target_.objects()));
      }
      return summary_;
    }
    return Fail(
        Code::kUnavailable,
        "objects are deleted faster than they can be copied. Remove the copy, and try again when less is done.");
  }

 private:
  Expected<void> CopyRows(db::Reader& reader) {
    // Some migrations fill their tables. The facts are not theirs, and hold the mark of an unfinished copy.
    for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
      if ((*table)->name() != kFactTable) RETURN_IF_ERROR((*table)->Clear(target_.database()));
    }
    for (const auto& table : tables_) {
      std::int64_t rows = 0;
      if (table->name() == transfer::kBlobTable) {
        ASSIGN_OR_RETURN(rows, transfer::CopyBlobs(reader, target_.database(), blobs_));
      } else {
        ASSIGN_OR_RETURN(rows, table->Copy(reader, target_.database()));
      }
      progress_.OnTable(table->name(), rows);
    }
    return {};
  }

  Expected<void> Compare(db::Reader& ours) {
    return target_.database().Read([&](db::Reader& theirs) -> Expected<void> {
      summary_ = {};
      for (const auto& table : tables_) {
        if (table->name() == transfer::kBlobTable) {
          ASSIGN_OR_RETURN(const BlobCount count, transfer::CompareBlobs(ours, theirs, blobs_));
          summary_.records += count.blobs;
          summary_.objects = count.blobs;
          summary_.bytes = count.bytes;
        } else {
          ASSIGN_OR_RETURN(const std::int64_t same, table->Compare(ours, theirs));
          summary_.records += same;
        }
      }
      return {};
    });
  }

  Source& source_;
  Target& target_;
  TransferProgress& progress_;
  transfer::BlobOptions blobs_;
  std::vector<std::unique_ptr<TableCopier>> tables_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  bool has_rows_ = false;
  TransferSummary summary_;
};

Expected<void> CheckOptions(const TransferOptions& options) {
  if (options.from.empty() || options.to.empty()) return Fail(Code::kInvalid, "--from and --to are needed");
  if (options.kind == TransferKind::kBackup && IsPostgresUrl(options.to)) {
    return Fail(Code::kInvalid, "a backup is a folder: --to DIR. (firmsign migrate copies to PostgreSQL.)");
  }
  if (options.kind == TransferKind::kBackup && !options.to_objects.empty()) {
    return Fail(Code::kInvalid, "a backup holds its objects itself: leave out --to-objects");
  }
  if (options.kind == TransferKind::kRestore && IsPostgresUrl(options.from)) {
    return Fail(Code::kInvalid, "a backup is a folder: --from DIR. (firmsign migrate copies from PostgreSQL.)");
  }
  return {};
}

// What can be known before anything is written.
Expected<std::uint64_t> CheckSizes(db::Reader& reader, const TransferOptions& options, const Target& target) {
  ASSIGN_OR_RETURN(const BlobCount blobs, transfer::CountBlobs(reader));
  const std::optional<std::uint64_t> free = target.FreeBytes();
  if (free && blobs.bytes > *free) {
    return Fail(Code::kExhausted,
                fmt::format("the objects have {} bytes, and the target has room for {}. Make room, or "
                            "name another target; nothing was changed.",
                            blobs.bytes, *free));
  }
  if (target.objects() != nullptr) return blobs.bytes;
  ASSIGN_OR_RETURN(const std::optional<std::string> large, transfer::FindTooLarge(reader, options.database_bytes_max));
  if (!large) return blobs.bytes;
  return Fail(Code::kExhausted,
              fmt::format("{}, and a deployment whose objects lie in PostgreSQL takes {} each. Keep them in a folder "
                          "that all nodes mount: --to-objects DIR; nothing was changed.",
                          *large, options.database_bytes_max));
}

}  // namespace

bool IsPostgresUrl(std::string_view place) {
  return place.starts_with("postgres://") || place.starts_with("postgresql://");
}

Expected<TransferSummary> Transfer(const TransferOptions& options, TransferProgress& progress) {
  RETURN_IF_ERROR(CheckOptions(options));
  const SystemClock clock;
  ASSIGN_OR_RETURN(const Schema schema, Schema::OfThisProgram());
  ASSIGN_OR_RETURN(const std::unique_ptr<Source> source, Source::Open(options, clock));
  ASSIGN_OR_RETURN(const std::unique_ptr<Target> target, Target::Find(options, schema, clock));
  std::uint64_t total = 0;
  RETURN_IF_ERROR(source->database().Read([&](db::Reader& reader) -> Expected<void> {
    RETURN_IF_ERROR(db::AllowLongRead(reader, source->driver()));
    RETURN_IF_ERROR(source->Check(reader, schema));
    ASSIGN_OR_RETURN(total, CheckSizes(reader, options, *target));
    return {};
  }));
  Copying copying(options, *source, *target, progress);
  RETURN_IF_ERROR(copying.Prepare(schema, total));
  RETURN_IF_ERROR(target->Make(schema));
  ASSIGN_OR_RETURN(TransferSummary summary, copying.Run());
  summary.master_key_id = source->master_key_id();
  RETURN_IF_ERROR(target->Finish(source->wrapped_key()));
  return summary;
}

}  // namespace firmsign::server
