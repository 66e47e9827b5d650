// SPDX-License-Identifier: Apache-2.0
//
// Object bytes, copied between rows of s3_blobs and files as source and target keep them (services/s3/blobs.h).
//
// Internal to the transfer of deployments (transfer.h). A blob keeps its id. Each file is read back from the disk after
// it was written and before it has its name; so what has its name in the target is right, and says that it was copied.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "apps/server/transfer_store.h"
#include "base/error.h"
#include "platform/db/database.h"
#include "platform/files/file.h"

namespace firmsign::server::transfer {

// A folder of objects. Thread safety: confined.
class ObjectsFolder {
 public:
  explicit ObjectsFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Who it is, empty if it never was used as one. kCorrupt: cannot be read.
  Expected<std::string> Id() const;
  // Makes the folder and gives it an id of its own, which is the result.
  Expected<std::string> Make();

  // kNotFound: no such file. kCorrupt: of another length.
  Expected<std::shared_ptr<const files::File>> Open(const std::string& id, std::uint64_t size) const;
  bool Has(const std::string& id) const { return files::Exists(PathOf(id)); }
  // Writes a file of `size` bytes, which `read` gives from an offset on, compares it with them, and names it.
  using ReadBytes = std::function<Expected<std::size_t>(std::uint64_t offset, std::span<char> out)>;
  Expected<void> Write(const std::string& id, std::uint64_t size, const ReadBytes& read,
                       const std::function<void(std::size_t)>& on_bytes) const;
  // Removes the files that `is_known` does not know.
  Expected<void> RemoveOthers(const std::function<Expected<bool>(const std::string& id)>& is_known) const;

 private:
  std::string PathOf(std::string_view id) const;

  std::string path_;
};

struct BlobOptions {
  const ObjectsFolder* from = nullptr;  // nullptr: the source has none
  const ObjectsFolder* to = nullptr;
  std::size_t inline_bytes_max = 0;                     // of a blob in the target's rows where it has a folder
  std::function<void(std::size_t)> on_bytes = nullptr;  // so many more are in the target
};

// Copies the files that are files at both ends and that the target does not have yet; the ids of those that are gone at
// the source. kCorrupt: one of `gone_before` is named by this snapshot, too, so it was not deleted but lost.
Expected<std::set<std::string>> CopyFiles(db::Reader& source, const BlobOptions& options,
                                          const std::set<std::string>& gone_before);
// Copies all rows, and the bytes that change their place. After CopyFiles with nothing gone.
Expected<std::int64_t> CopyBlobs(db::Reader& source, db::Database& target, const BlobOptions& options);
// Compares the rows and the bytes of those that are not a file at both ends, which CopyFiles has compared. kCorrupt.
Expected<BlobCount> CompareBlobs(db::Reader& source, db::Reader& target, const BlobOptions& options);
// Removes the files of the target that no row of it names: they were deleted at the source after they were copied.
Expected<void> RemoveDeletedFiles(db::Database& target, const ObjectsFolder& folder);

}  // namespace firmsign::server::transfer
