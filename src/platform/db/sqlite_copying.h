// SPDX-License-Identifier: Apache-2.0
//
// SQLite for those who copy databases: reading one that another process may be writing, and a file that needs no other
// beside it.
//
// Why a second process may read: sqlite.h keeps other processes out because two connections that write or checkpoint
// can damage a WAL file. A connection that is opened read-only does neither. It takes SQLite's own locks in the file
// DATABASE-shm, so that the writer knows of its snapshot and does not start the log over under it; and it never
// checkpoints, not even when it is the last to close, because that is switched off.
//
// What the writer leaves when it is killed is read, too: the first reader builds the -shm file again from the log,
// under the locks that any process which comes meanwhile respects. The database file and the log are not written to.
// Where the writer ended in order and took its files along, a reader leaves an empty log and a -shm file, which the
// next writer takes over.

#pragma once

#include <memory>
#include <string>

#include "platform/db/database.h"

namespace firmsign::db {

// A database that only reads: InTransaction is kDenied. The user of this process needs the right to write to the folder
// of `path`, for the sake of -shm, unless MakeSqliteSelfContained made the file. While a snapshot is open, the writer's
// log grows. `clock` outlives the database. kUnavailable: no such file, or it cannot be opened. kCorrupt: not a
// database.
Expected<std::unique_ptr<Database>> OpenSqliteForReading(const std::string& path, const Clock& clock);

// Puts everything into the one file, so that it can be read from a medium that cannot be written, and removes the log.
// Nobody else has the database open. OpenSqlite brings the log back. kUnavailable: somebody has.
Expected<void> MakeSqliteSelfContained(const std::string& path);

}  // namespace firmsign::db
