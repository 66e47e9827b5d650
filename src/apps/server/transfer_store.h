// SPDX-License-Identifier: Apache-2.0
//
// The rows of stored object bytes (services/s3/schema.cc), as a transfer reads and writes them.
//
// Internal to the transfer of deployments (transfer.h). Apart from all other tables, because bytes lie in rows or in
// files, and may be too many to be held a page at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"
#include "platform/db/tables.h"

namespace firmsign::server::transfer {

inline constexpr std::string_view kBlobTable = "s3_blobs";

// Of a batch: so many bytes of data in memory, unless one blob alone is larger.
inline constexpr std::size_t kBlobBatchBytes = std::size_t{8} << 20;

struct Blob {
  std::string id;
  std::uint64_t size = 0;
  bool in_file = false;
  std::string data;  // unless in_file
};

struct BlobCount {
  std::int64_t blobs = 0;
  std::uint64_t bytes = 0;
};

// Whether `table` is the one that this code knows all columns of.
bool IsBlobTable(const db::Table& table);

// All blobs of the source, as its rows have it.
Expected<BlobCount> CountBlobs(db::Reader& reader);
// Whether some row names a file.
Expected<bool> HasFiles(db::Reader& reader);
// An object of more than `bytes_max` bytes, in words, if there is one.
Expected<std::optional<std::string>> FindTooLarge(db::Reader& reader, std::size_t bytes_max);

// The blobs in the order of their ids, in batches of at most 200. Thread safety: confined.
class BlobReader {
 public:
  // Without data it is left empty, and what is in rows is not checked.
  explicit BlobReader(db::Reader& reader, bool reads_data = true) : reader_(reader), reads_data_(reads_data) {}

  // Empty at the end. kCorrupt: an id that is not one, or data of another size than its row says.
  Expected<std::vector<Blob>> Next();

 private:
  Expected<void> NextPage();
  Expected<void> ReadData(std::vector<Blob>& batch);

  db::Reader& reader_;
  const bool reads_data_;
  std::string last_;  // ids are not empty
  std::vector<Blob> page_;
  std::size_t at_ = 0;
};

Expected<void> InsertBlobs(db::Database& target, std::span<const Blob> batch);
// Whether a row says that this blob is a file.
Expected<bool> IsFile(db::Reader& reader, const std::string& id);

}  // namespace firmsign::server::transfer
