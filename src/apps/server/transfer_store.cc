// SPDX-License-Identifier: Apache-2.0

#include "apps/server/transfer_store.h"

#include <fmt/format.h>

namespace firmsign::server::transfer {
namespace {

constexpr std::size_t kBatchBlobs = 200;  // also files that are open at once

bool IsId(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Expected<std::vector<Blob>> BlobReader::Next() {
  if (at_ == page_.size()) RETURN_IF_ERROR(NextPage());
  std::vector<Blob> batch;
  std::size_t bytes = 0;
  for (; at_ < page_.size(); ++at_) {
    const std::size_t own = page_[at_].in_file || !reads_data_ ? 0 : page_[at_].size;
    if (!batch.empty() && bytes + own > kBlobBatchBytes) break;
    bytes += own;
    batch.push_back(std::move(page_[at_]));
  }
  if (reads_data_ && !batch.empty()) RETURN_IF_ERROR(ReadData(batch));
  return batch;
}

Expected<void> BlobReader::NextPage() {
  page_.clear();
  at_ = 0;
  std::string foreign;
  RETURN_IF_ERROR(reader_.Query(
      "SELECT blob_id, size, in_file FROM s3_blobs WHERE blob_id > $1 ORDER BY blob_id LIMIT $2",
      [&](const db::Row& row) {
        page_.push_back({.id = row.String(0),
                         .size = static_cast<std::uint64_t>(row.Int(1)),
                         .in_file = row.Int(2) != 0,
                         .data = {}});
        if (!IsId(row.Text(0))) foreign = row.String(0);
      },
      last_, static_cast<std::int64_t>(kBatchBlobs)));
  // It becomes part of a path.
  if (!foreign.empty()) return Fail(Code::kCorrupt, fmt::format("a stored object has the id \"{}\"", foreign));
  if (!page_.empty()) last_ = page_.back().id;
  return {};
}

Expected<void> BlobReader::ReadData(std::vector<Blob>& batch) {
  auto blob = batch.begin();
  RETURN_IF_ERROR(reader_.Query(
      "SELECT blob_id, data FROM s3_blobs WHERE blob_id >= $1 AND blob_id <= $2 AND in_file = 0 ORDER BY blob_id",
      [&](const db::Row& row) {
        while (blob->id != row.Text(0)) ++blob;  // both come from one snapshot
        blob->data = row.String(1);
      },
      batch.front().id, batch.back().id));
  for (const Blob& one : batch) {
    if (one.in_file || one.data.size() == one.size) continue;
    return Fail(Code::kCorrupt, fmt::format("the stored object {} has {} bytes, and its row says {}", one.id,
                                            one.data.size(), one.size));
  }
  return {};
}

Expected<void> InsertBlobs(db::Database& target, std::span<const Blob> batch) {
  return target.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (const Blob& blob : batch) {
      const auto size = static_cast<std::int64_t>(blob.size);
      if (blob.in_file) {
        RETURN_IF_ERROR(
            transaction.Execute("INSERT INTO s3_blobs (blob_id, size, in_file) VALUES ($1, $2, 1)", blob.id, size));
      } else {
        RETURN_IF_ERROR(
            transaction.Execute("INSERT INTO s3_blobs (blob_id, size, in_file, data) VALUES ($1, $2, 0, $3)", blob.id,
                                size, db::Blob{blob.data}));
      }
    }
    return {};
  });
}

Expected<bool> IsFile(db::Reader& reader, const std::string& id) {
  bool is_file = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT 1 FROM s3_blobs WHERE blob_id = $1 AND in_file = 1", [&](const db::Row&) { is_file = true; }, id));
  return is_file;
}

bool IsBlobTable(const db::Table& table) {
  std::vector<std::string> names;
  for (const db::Column& column : table.columns) names.push_back(column.name);
  return table.name == kBlobTable && names == std::vector<std::string>{"blob_id", "size", "in_file", "data"};
}

Expected<BlobCount> CountBlobs(db::Reader& reader) {
  BlobCount count;
  RETURN_IF_ERROR(reader.Query(
      "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM s3_blobs",
      [&](const db::Row& row) { count = {.blobs = row.Int(0), .bytes = static_cast<std::uint64_t>(row.Int(1))}; }));
  return count;
}

Expected<bool> HasFiles(db::Reader& reader) {
  bool has_files = false;
  RETURN_IF_ERROR(
      reader.Query("SELECT 1 FROM s3_blobs WHERE in_file = 1 LIMIT 1", [&](const db::Row&) { has_files = true; }));
  return has_files;
}

Expected<std::optional<std::string>> FindTooLarge(db::Reader& reader, std::size_t bytes_max) {
  const auto limit = static_cast<std::int64_t>(bytes_max);
  std::optional<std::string> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT bucket, key, version_id, size FROM s3_versions WHERE size > $1 ORDER BY size DESC LIMIT 1",
      [&](const db::Row& row) {
        found = fmt::format("the object s3://{}/{} (version {}) has {} bytes", row.Text(0), row.Text(1), row.Text(2),
                            row.Int(3));
      },
      limit));
  if (found) return found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT blob_id, size FROM s3_blobs WHERE size > $1 ORDER BY size DESC LIMIT 1",
      [&](const db::Row& row) {
        found = fmt::format("a part of an upload that is not completed (stored object {}) has {} bytes", row.Text(0),
                            row.Int(1));
      },
      limit));
  return found;
}

}  // namespace firmsign::server::transfer
