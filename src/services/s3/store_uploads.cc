// SPDX-License-Identifier: Apache-2.0

#include "services/s3/store.h"
#include "services/s3/store_rows.h"

namespace firmsign::s3::store {
namespace {

// Takes the row of an upload for the rest of the transaction, so that a part and the completion wait for each other.
Expected<void> TouchUpload(db::Transaction& transaction, std::string_view upload_id) {
  ASSIGN_OR_RETURN(const std::int64_t touched,
                   transaction.Execute("UPDATE s3_uploads SET changes = changes + 1 WHERE upload_id = $1", upload_id));
  if (touched == 0) return Fail(Code::kNotFound, "no such upload");
  return {};
}

Expected<void> DropPart(db::Transaction& transaction, std::string_view upload_id, std::int64_t number,
                        Garbage& garbage) {
  std::string blob;
  RETURN_IF_ERROR(transaction.Query(
      "DELETE FROM s3_parts WHERE upload_id = $1 AND number = $2 RETURNING blob_id",
      [&](const db::Row& row) { blob = row.String(0); }, upload_id, number));
  if (blob.empty()) return {};
  return internal::DropBlob(transaction, blob, garbage);
}

}  // namespace

Expected<void> InsertUpload(db::Transaction& transaction, const Upload& upload) {
  RETURN_IF_ERROR(FindBucket(transaction, upload.bucket));
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO s3_uploads (upload_id, bucket, key, initiator, initiated_at, changes, headers, checksum_algorithm, "
      "checksum_type) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8)",
      upload.upload_id, upload.bucket, db::Blob{upload.key}, upload.initiator.str(), upload.initiated_at,
      db::Blob{upload.headers}, upload.checksum_algorithm, upload.checksum_type));
  return {};
}

Expected<Upload> FindUpload(db::Reader& reader, std::string_view bucket, std::string_view key,
                            std::string_view upload_id) {
  if (!internal::IsPlain(upload_id)) return Fail(Code::kNotFound, "no such upload");
  std::optional<Upload> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT upload_id, bucket, key, initiator, initiated_at, headers, checksum_algorithm, checksum_type "
      "FROM s3_uploads WHERE upload_id = $1",
      [&](const db::Row& row) { found = internal::UploadOf(row); }, upload_id));
  if (!found || found->bucket != bucket || found->key != key) return Fail(Code::kNotFound, "no such upload");
  return *std::move(found);
}

Expected<void> PutPart(db::Transaction& transaction, std::string_view upload_id, const Part& part,
                       const StagedBlob& blob, Garbage& garbage) {
  RETURN_IF_ERROR(TouchUpload(transaction, upload_id));
  RETURN_IF_ERROR(DropPart(transaction, upload_id, part.number, garbage));
  RETURN_IF_ERROR(internal::InsertBlob(transaction, blob));
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO s3_parts (upload_id, number, blob_id, size, etag, checksum, other_checksum, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      upload_id, part.number, blob.id(), static_cast<std::int64_t>(blob.size()), part.etag, part.checksum,
      part.other_checksum, part.created_at));
  return {};
}

Expected<std::vector<Part>> ListParts(db::Reader& reader, std::string_view upload_id, std::int64_t after,
                                      std::int64_t limit) {
  std::vector<Part> parts;
  RETURN_IF_ERROR(reader.Query(
      "SELECT p.number, p.blob_id, p.size, p.etag, p.checksum, p.created_at, b.in_file, "
      "p.other_checksum "
      "FROM s3_parts p LEFT JOIN s3_blobs b ON b.blob_id = p.blob_id WHERE p.upload_id = $1 AND p.number > $2 "
      "ORDER BY p.number LIMIT $3",
      [&](const db::Row& row) {
        parts.push_back({.number = row.Int(0),
                         .blob_id = row.String(1),
                         .size = static_cast<std::uint64_t>(row.Int(2)),
                         .etag = row.String(3),
                         .checksum = row.String(4),
                         .other_checksum = row.String(7),
                         .created_at = row.Time(5),
                         .in_file = row.Int(6) != 0});
      },
      upload_id, after, limit));
  return parts;
}

Expected<std::uint64_t> SumOtherParts(db::Reader& reader, std::string_view upload_id, std::int64_t number) {
  // Added up here, because databases differ in the type of a SUM.
  std::uint64_t total = 0;
  RETURN_IF_ERROR(reader.Query(
      "SELECT size FROM s3_parts WHERE upload_id = $1 AND number <> $2",
      [&](const db::Row& row) { total += static_cast<std::uint64_t>(row.Int(0)); }, upload_id, number));
  return total;
}

Expected<void> CloseUpload(db::Transaction& transaction, std::string_view upload_id, const std::vector<Part>& parts,
                           Garbage& garbage) {
  ASSIGN_OR_RETURN(const std::int64_t closed,
                   transaction.Execute("DELETE FROM s3_uploads WHERE upload_id = $1", upload_id));
  if (closed == 0) return Fail(Code::kNotFound, "no such upload");
  ASSIGN_OR_RETURN(const std::vector<Part> present, ListParts(transaction, upload_id, 0, kPartsMax));
  auto wanted = parts.begin();
  for (const Part& part : present) {
    if (wanted == parts.end() || part.number < wanted->number) {
      RETURN_IF_ERROR(DropPart(transaction, upload_id, part.number, garbage));
      continue;
    }
    if (part.number != wanted->number || part.blob_id != wanted->blob_id) break;
    ++wanted;
  }
  if (wanted != parts.end()) return Fail(Code::kConflict, "a part was replaced while the upload was completed");
  return {};
}

Expected<void> AbortUpload(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                           std::string_view upload_id, Garbage& garbage) {
  if (!internal::IsPlain(upload_id)) return Fail(Code::kNotFound, "no such upload");
  ASSIGN_OR_RETURN(const std::int64_t removed,
                   transaction.Execute("DELETE FROM s3_uploads WHERE upload_id = $1 AND bucket = $2 AND key = $3",
                                       upload_id, bucket, db::Blob{key}));
  if (removed == 0) return Fail(Code::kNotFound, "no such upload");
  return internal::DropParts(transaction, upload_id, garbage);
}

}  // namespace firmsign::s3::store
