// SPDX-License-Identifier: Apache-2.0
//
// Transfer: copies a whole deployment, for `firmsign migrate`, `backup` and `restore`, and checks the copy.
//
// All three are one thing: everything of a deployment, over SQLite or PostgreSQL, goes to an empty place, over either.
// A backup is a folder that looks like a data folder over SQLite, without the master key: firmsign.db and objects/.
//
// The rows are those of one snapshot, and every file that a row of it names is in the copy, also while servers write
// and delete. That is done in passes: each takes a new snapshot and copies the files that are not there yet; one that
// finds all of its files copies its rows and is the last. A file never changes once it has its name, so what an earlier
// pass copied is right, and the last pass has little left to do.
//
// The copy is a deployment only when all of it is there and was compared, record by record and byte by byte: until then
// the fact that holds the wrapped data key says kUnfinishedCopy, in the same row for which nodes that make a deployment
// compete, so that nothing serves or fills it.
//
//   transfer_places.h    the two ends: opening, what may be read from and written to
//   transfer_objects.h   object bytes, in rows and files
//   transfer_store.h     the rows of object bytes; any other table: platform/db/table_copier.h
//
// What is not copied: the master key, the credentials file, and rows that say what is going on just now (transient
// tables). Leases of jobs end in the copy, so that whoever serves it goes on with the jobs in progress.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::server {

enum class TransferKind {
  kMigrate,  // the source is in nobody's use; a data folder is locked
  kBackup,   // of a deployment that may be serving, into a new folder
  kRestore,  // of a backup
};

// Whether a place of TransferOptions is a PostgreSQL database; else it is a folder.
bool IsPostgresUrl(std::string_view place);

struct TransferOptions {
  TransferKind kind = TransferKind::kMigrate;
  std::string from;          // a folder, or postgres://...
  std::string to;            // the same; new, or empty
  std::string from_objects;  // the folder of objects; empty: FROM/objects, with PostgreSQL none
  std::string to_objects;    // the same; new, or empty
  // How the target will be served: the options s3.inline_bytes_max and s3.database_bytes_max.
  std::size_t inline_bytes_max = 65536;
  std::size_t database_bytes_max = std::size_t{16} << 20;
};

// Told how far it is. Called on the thread of Transfer.
class TransferProgress {
 public:
  virtual ~TransferProgress() = default;
  // The rows of a table are in the target.
  virtual void OnTable(std::string_view table, std::int64_t rows) = 0;
  // Object bytes that are in the target, of about how many.
  virtual void OnBytes(std::uint64_t done, std::uint64_t total) = 0;
};

// What was copied and found to be the same at both ends.
struct TransferSummary {
  std::int64_t records = 0;
  std::int64_t objects = 0;   // runs of bytes: each part of an object that was uploaded in parts counts
  std::uint64_t bytes = 0;    // in them
  std::string master_key_id;  // of the key that opens the copy; empty: not known
};

// Nothing is changed at the source. What goes wrong before the copy begins leaves the target as it was; later, the
// target holds a copy that is refused wherever it is used, and has to be removed.
//
// kInvalid: the options, the source or the target do not fit, kConflict: the target is not empty; nothing was written.
// kUnavailable: the source is in use, a database is away. kExhausted: no room, or an object is larger than the target
// takes. kCorrupt: the source is damaged, or the copy is not what was copied. Each says what to do.
Expected<TransferSummary> Transfer(const TransferOptions& options, TransferProgress& progress);

}  // namespace firmsign::server
