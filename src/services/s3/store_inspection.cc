// SPDX-License-Identifier: Apache-2.0
//
// The store as a whole, for the operator: sums, and everything that lies there one after the other.

#include "services/s3/store.h"
#include "services/s3/store_rows.h"

namespace firmsign::s3::store {

Expected<std::vector<ports::BucketUsage>> ListUsage(db::Reader& reader, std::string_view after, std::int64_t limit) {
  std::vector<ports::BucketUsage> usage;
  RETURN_IF_ERROR(reader.Query(
      "SELECT name, owner, region FROM s3_buckets WHERE name > $1 ORDER BY name LIMIT $2",
      [&](const db::Row& row) {
        usage.push_back({.bucket = row.String(0), .owner = AccountId(row.Text(1)), .region = Region(row.Text(2))});
      },
      after, limit));
  for (ports::BucketUsage& bucket : usage) {
    // Parts of an upload may be one, too, and have such an ETag.
    RETURN_IF_ERROR(reader.Query(
        "SELECT CASE WHEN etag LIKE '%-1' AND upload_id IS NULL THEN 1 ELSE 0 END AS is_signed, COUNT(*), "
        "CAST(SUM(size) AS BIGINT) FROM s3_versions WHERE bucket = $1 AND is_delete_marker = 0 GROUP BY is_signed",
        [&](const db::Row& row) {
          (row.Int(0) != 0 ? bucket.signed_objects : bucket.other_objects) = {row.Int(1), row.Int(2)};
        },
        bucket.bucket));
    RETURN_IF_ERROR(reader.Query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(p.size), 0) AS BIGINT) FROM s3_uploads u "
        "JOIN s3_parts p ON p.upload_id = u.upload_id WHERE u.bucket = $1",
        [&](const db::Row& row) { bucket.unfinished_parts = {row.Int(0), row.Int(1)}; }, bucket.bucket));
  }
  return usage;
}

Expected<std::vector<BucketAndKept>> ListAllVersions(db::Reader& reader, const VersionPlace& after,
                                                     std::int64_t limit) {
  std::vector<BucketAndKept> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT bucket, " FIRMSIGN_S3_VERSION_COLUMNS
      " FROM s3_versions WHERE (bucket, key) >= ($1, $2) AND is_delete_marker = 0 "
      "AND NOT (bucket = $1 AND key = $2 AND sequence >= $3) ORDER BY bucket, key, sequence DESC LIMIT $4",
      [&](const db::Row& row) { found.push_back({.bucket = row.String(0), .version = internal::VersionOf(row, 1)}); },
      after.bucket, db::Blob{after.key}, after.sequence, limit));
  return found;
}

Expected<bool> HasVersion(db::Reader& reader, const VersionPlace& place) {
  bool is_there = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT 1 FROM s3_versions WHERE bucket = $1 AND key = $2 AND sequence = $3",
      [&](const db::Row&) { is_there = true; }, place.bucket, db::Blob{place.key}, place.sequence));
  return is_there;
}

Expected<std::vector<PlaceAndPart>> ListAllParts(db::Reader& reader, const PartPlace& after, std::int64_t limit) {
  std::vector<PlaceAndPart> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT p.upload_id, p.number, p.blob_id, p.size, p.etag, p.checksum, "
      "COALESCE(u.checksum_algorithm, v.checksum_algorithm, '') FROM s3_parts p "
      "LEFT JOIN s3_uploads u ON u.upload_id = p.upload_id LEFT JOIN s3_versions v ON v.upload_id = p.upload_id "
      "WHERE (p.upload_id, p.number) > ($1, $2) ORDER BY p.upload_id, p.number LIMIT $3",
      [&](const db::Row& row) {
        found.push_back({.place = {.upload_id = row.String(0), .number = row.Int(1)},
                         .part = {.number = row.Int(1),
                                  .blob_id = row.String(2),
                                  .size = static_cast<std::uint64_t>(row.Int(3)),
                                  .etag = row.String(4),
                                  .checksum = row.String(5)},
                         .checksum_algorithm = row.String(6)});
      },
      after.upload_id, after.number, limit));
  return found;
}

Expected<std::optional<StoredBlob>> FindBlob(db::Reader& reader, std::string_view blob_id) {
  std::optional<StoredBlob> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT size, in_file, data FROM s3_blobs WHERE blob_id = $1",
      [&](const db::Row& row) {
        found = StoredBlob{.blob_id = std::string(blob_id),
                           .size = static_cast<std::uint64_t>(row.Int(0)),
                           .in_file = row.Int(1) != 0,
                           .data = row.OptionalString(2).value_or("")};
      },
      blob_id));
  return found;
}

Expected<std::optional<OwnerOfPart>> FindOwnerOfPart(db::Reader& reader, const PartPlace& place,
                                                     std::string_view blob_id) {
  bool is_there = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT 1 FROM s3_parts WHERE upload_id = $1 AND number = $2 AND blob_id = $3",
      [&](const db::Row&) { is_there = true; }, place.upload_id, place.number, blob_id));
  std::optional<OwnerOfPart> owner;
  if (!is_there) return owner;
  RETURN_IF_ERROR(reader.Query(
      "SELECT bucket, key, version_id FROM s3_versions WHERE upload_id = $1",
      [&](const db::Row& row) { owner = OwnerOfPart{row.String(0), row.String(1), row.String(2)}; }, place.upload_id));
  if (owner) return owner;
  RETURN_IF_ERROR(reader.Query(
      "SELECT bucket, key FROM s3_uploads WHERE upload_id = $1",
      [&](const db::Row& row) { owner = OwnerOfPart{row.String(0), row.String(1), ""}; }, place.upload_id));
  return owner;
}

}  // namespace firmsign::s3::store
