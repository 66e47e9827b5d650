// SPDX-License-Identifier: Apache-2.0

#include <limits>
#include <utility>

#include "base/check.h"
#include "services/s3/store.h"
#include "services/s3/store_rows.h"

namespace firmsign::s3::store {

namespace internal {

Expected<void> InsertBlob(db::Transaction& transaction, const StagedBlob& blob) {
  const db::Parameter data = blob.in_file() ? db::Parameter(nullptr) : db::Parameter(db::Blob{blob.data()});
  const db::Parameter parameters[] = {std::string_view(blob.id()), static_cast<std::int64_t>(blob.size()),
                                      static_cast<std::int64_t>(blob.in_file()), data};
  return transaction.PostStatement("INSERT INTO s3_blobs (blob_id, size, in_file, data) VALUES ($1, $2, $3, $4)",
                                   parameters, db::Expects::kNothing);
}

Expected<void> DropBlob(db::Transaction& transaction, std::string_view blob_id, Garbage& garbage) {
  return transaction.Query(
      "DELETE FROM s3_blobs WHERE blob_id = $1 RETURNING in_file",
      [&](const db::Row& row) {
        if (row.Int(0) != 0) garbage.emplace_back(blob_id);
      },
      blob_id);
}

Expected<void> DropParts(db::Transaction& transaction, std::string_view upload_id, Garbage& garbage) {
  std::vector<std::string> blobs;
  RETURN_IF_ERROR(transaction.Query(
      "DELETE FROM s3_parts WHERE upload_id = $1 RETURNING blob_id",
      [&](const db::Row& row) { blobs.push_back(row.String(0)); }, upload_id));
  for (const std::string& blob : blobs) RETURN_IF_ERROR(DropBlob(transaction, blob, garbage));
  return {};
}

}  // namespace internal

namespace {

constexpr std::int64_t kAnySequence = std::numeric_limits<std::int64_t>::max();

// Removes one version with its bytes, unless it has come after `sequence_max`; what it was, or nullopt when there was
// none.
Expected<std::optional<Version>> DropVersion(db::Transaction& transaction, std::string_view bucket,
                                             std::string_view key, std::string_view version_id,
                                             std::int64_t sequence_max, Garbage& garbage) {
  std::optional<Version> dropped;
  RETURN_IF_ERROR(transaction.Query(
      "DELETE FROM s3_versions WHERE bucket = $1 AND key = $2 AND version_id = $3 AND sequence <= $4 "
      "RETURNING is_delete_marker, blob_id, upload_id",
      [&](const db::Row& row) {
        dropped = Version{.version_id = std::string(version_id),
                          .is_delete_marker = row.Int(0) != 0,
                          .blob_id = row.String(1),
                          .upload_id = row.String(2)};
      },
      bucket, db::Blob{key}, version_id, sequence_max));
  if (!dropped) return dropped;
  if (!dropped->blob_id.empty()) RETURN_IF_ERROR(internal::DropBlob(transaction, dropped->blob_id, garbage));
  if (!dropped->upload_id.empty()) RETURN_IF_ERROR(internal::DropParts(transaction, dropped->upload_id, garbage));
  return dropped;
}

struct RowToInsert {
  const Bucket& bucket;  // as the caller takes it to be
  const NewVersion& version;
  std::string_view version_id;
  bool is_delete_marker = false;
};

Expected<void> InsertRow(db::Transaction& transaction, const RowToInsert& row) {
  const NewVersion& version = row.version;
  std::optional<std::string_view> blob_id;
  if (version.blob != nullptr) blob_id = version.blob->id();
  std::optional<std::string_view> upload_id;
  if (!version.upload_id.empty()) upload_id = version.upload_id;
  std::optional<db::Blob> sha256;
  if (version.sha256) sha256 = db::Blob{*version.sha256};
  std::optional<std::int64_t> sequence;
  if (version.after_sequence) sequence = *version.after_sequence + 1;
  return transaction.PostChange(
      "INSERT INTO s3_versions (bucket, key, sequence, version_id, is_delete_marker, created_at, size, etag, sha256, "
      "checksum_algorithm, checksum_type, checksum, headers, blob_id, upload_id) SELECT $1, $2, "
      "COALESCE($3, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM s3_versions WHERE bucket = $1 AND key = $2)), "
      "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 "
      "FROM s3_buckets WHERE name = $1 AND owner = $16 AND versioning = $17",
      version.bucket, db::Blob{version.key}, sequence, row.version_id, row.is_delete_marker, version.created_at,
      static_cast<std::int64_t>(version.size), version.etag, sha256, version.checksum.algorithm, version.checksum.type,
      version.checksum.value, db::Blob{version.headers}, blob_id, upload_id, row.bucket.owner.str(),
      internal::VersioningText(row.bucket.versioning));
}

constexpr std::string_view kNullVersion = "null";

}  // namespace

Expected<Version> FindCurrent(db::Reader& reader, std::string_view bucket, std::string_view key) {
  std::optional<Version> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT " FIRMSIGN_S3_VERSION_COLUMNS
      " FROM s3_versions WHERE bucket = $1 AND key = $2 ORDER BY sequence DESC LIMIT 1",
      [&](const db::Row& row) { found = internal::VersionOf(row); }, bucket, db::Blob{key}));
  if (!found) return Fail(Code::kNotFound, "no such key");
  found->is_latest = true;
  return *std::move(found);
}

Expected<Version> FindVersion(db::Reader& reader, std::string_view bucket, std::string_view key,
                              std::string_view version_id) {
  if (!internal::IsPlain(version_id)) return Fail(Code::kNotFound, "no such version");
  std::optional<Version> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT " FIRMSIGN_S3_VERSION_COLUMNS " FROM s3_versions WHERE bucket = $1 AND key = $2 AND version_id = $3",
      [&](const db::Row& row) { found = internal::VersionOf(row); }, bucket, db::Blob{key}, version_id));
  if (!found) return Fail(Code::kNotFound, "no such version");
  return *std::move(found);
}

Expected<BucketAndVersion> FindBucketAndVersion(db::Reader& reader, std::string_view bucket, std::string_view key,
                                                std::string_view version_id) {
  if (!internal::IsPlain(bucket)) return Fail(Code::kNotFound, "no such bucket");
  std::optional<BucketAndVersion> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT b.name, b.owner, b.region, b.versioning, b.created_at, " FIRMSIGN_S3_BUCKET_DOCUMENTS_OF(
          "b.") ", " FIRMSIGN_S3_VERSION_COLUMNS_OF("v.") " FROM s3_buckets b LEFT JOIN s3_versions v ON v.bucket = "
                                                          "b.name AND v.key = $1 AND v.version_id = $2 "
                                                          "WHERE b.name = $3",
      [&](const db::Row& row) {
        found = BucketAndVersion{.bucket = internal::BucketOf(row), .version = {}};
        if (!row.IsNull(7)) found->version = internal::VersionOf(row, 7);
      },
      db::Blob{key}, version_id, bucket));
  if (!found) return Fail(Code::kNotFound, "no such bucket");
  return *std::move(found);
}

Expected<void> HoldVersion(db::Transaction& transaction, std::string_view bucket, const Version& version) {
  // Not by its sequence alone: what replaces the null version may get the same.
  const std::string& content = version.blob_id.empty() ? version.upload_id : version.blob_id;
  ASSIGN_OR_RETURN(const std::int64_t held,
                   transaction.Execute("UPDATE s3_versions SET size = size WHERE bucket = $1 AND key = $2 "
                                       "AND version_id = $3 AND sequence = $4 "
                                       "AND COALESCE(blob_id, upload_id, '') = $5",
                                       bucket, db::Blob{version.key}, version.version_id, version.sequence, content));
  if (held == 0) return Fail(Code::kConflict, "the current version was replaced meanwhile");
  return {};
}

Expected<Written> PutVersion(db::Transaction& transaction, const NewVersion& version, Garbage& garbage) {
  ASSIGN_OR_RETURN(const Bucket bucket, FindBucket(transaction, version.bucket));
  return PutVersion(transaction, bucket, version, garbage);
}

Expected<Written> PutVersion(db::Transaction& transaction, const Bucket& bucket, const NewVersion& version,
                             Garbage& garbage) {
  CHECK((version.blob != nullptr) != !version.upload_id.empty());
  Written written{.version_id = std::string(version.version_id), .versioning = bucket.versioning};
  if (bucket.versioning != Versioning::kEnabled) {
    written.version_id = kNullVersion;
    RETURN_IF_ERROR(DropVersion(transaction, version.bucket, version.key, kNullVersion,
                                version.after_sequence.value_or(kAnySequence), garbage));
  }
  if (version.blob != nullptr) RETURN_IF_ERROR(internal::InsertBlob(transaction, *version.blob));
  RETURN_IF_ERROR(InsertRow(transaction, {.bucket = bucket, .version = version, .version_id = written.version_id}));
  return written;
}

Expected<Deleted> DeleteCurrent(db::Transaction& transaction, const Deletion& deletion, Garbage& garbage) {
  ASSIGN_OR_RETURN(const Bucket bucket, FindBucket(transaction, deletion.bucket));
  Deleted deleted;
  if (bucket.versioning != Versioning::kEnabled) {
    ASSIGN_OR_RETURN(const auto dropped, DropVersion(transaction, deletion.bucket, deletion.key, kNullVersion,
                                                     deletion.after_sequence.value_or(kAnySequence), garbage));
    deleted.was_there = dropped.has_value();
    if (bucket.versioning == Versioning::kNever) return deleted;
  }
  deleted.is_delete_marker = true;
  deleted.version_id = bucket.versioning == Versioning::kEnabled ? deletion.marker_id : kNullVersion;
  const NewVersion marker{.bucket = deletion.bucket,
                          .key = deletion.key,
                          .created_at = deletion.now,
                          .after_sequence = deletion.after_sequence};
  RETURN_IF_ERROR(InsertRow(
      transaction, {.bucket = bucket, .version = marker, .version_id = deleted.version_id, .is_delete_marker = true}));
  return deleted;
}

Expected<Deleted> DeleteVersion(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                                std::string_view version_id, Garbage& garbage) {
  ASSIGN_OR_RETURN(const auto dropped, DropVersion(transaction, bucket, key, version_id, kAnySequence, garbage));
  return Deleted{.was_there = dropped.has_value(),
                 .is_delete_marker = dropped && dropped->is_delete_marker,
                 .version_id = std::string(version_id)};
}

Expected<void> SetSha256(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                         std::string_view version_id, std::string_view content_id, std::string_view sha256) {
  RETURN_IF_ERROR(
      transaction.Execute("UPDATE s3_versions SET sha256 = $1 WHERE bucket = $2 AND key = $3 AND version_id = $4 "
                          "AND (blob_id = $5 OR upload_id = $5) AND sha256 IS NULL",
                          db::Blob{sha256}, bucket, db::Blob{key}, version_id, content_id));
  return {};
}

Expected<void> ReplaceHeaders(db::Transaction& transaction, std::string_view bucket, const Version& version,
                              std::string_view headers) {
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE s3_versions SET headers = $1 WHERE bucket = $2 AND key = $3 "
                                       "AND version_id = $4 AND headers = $5 AND is_delete_marker = 0",
                                       db::Blob{headers}, bucket, db::Blob{version.key}, version.version_id,
                                       db::Blob{version.headers}));
  if (changed == 0) return Fail(Code::kNotFound, "the version is gone, or has other headers by now");
  return {};
}

Expected<std::vector<StoredBlob>> FindBytes(db::Reader& reader, const Version& version, Load load) {
  std::vector<StoredBlob> bytes;
  std::uint64_t total = 0;
  bool is_whole = true;
  const auto add = [&](const db::Row& row) {
    is_whole = is_whole && !row.IsNull(2);
    bytes.push_back({.blob_id = row.String(0),
                     .size = static_cast<std::uint64_t>(row.Int(1)),
                     .in_file = row.Int(2) != 0,
                     .data = row.String(3)});
    total += bytes.back().size;
  };
  const std::int64_t with_data = load == Load::kData ? 1 : 0;
  if (!version.blob_id.empty()) {
    RETURN_IF_ERROR(
        reader.Query("SELECT blob_id, size, in_file, CASE WHEN $1 = 1 THEN data END FROM s3_blobs WHERE blob_id = $2",
                     add, with_data, version.blob_id));
  } else {
    RETURN_IF_ERROR(reader.Query(
        "SELECT p.blob_id, p.size, b.in_file, CASE WHEN $1 = 1 THEN b.data END "
        "FROM s3_parts p LEFT JOIN s3_blobs b ON b.blob_id = p.blob_id WHERE p.upload_id = $2 ORDER BY p.number",
        add, with_data, version.upload_id));
  }
  if (!is_whole || total != version.size) {
    return Fail(Code::kCorrupt, "bytes of version " + version.version_id + " are missing");
  }
  for (const StoredBlob& blob : bytes) {
    if (load == Load::kData && !blob.in_file && blob.data.size() != blob.size) {
      return Fail(Code::kCorrupt, "stored bytes have another length");
    }
  }
  return bytes;
}

Expected<bool> IsBlobKnown(db::Reader& reader, std::string_view blob_id) {
  bool known = false;
  RETURN_IF_ERROR(
      reader.Query("SELECT 1 FROM s3_blobs WHERE blob_id = $1", [&](const db::Row&) { known = true; }, blob_id));
  return known;
}

}  // namespace firmsign::s3::store
