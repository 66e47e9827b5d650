// SPDX-License-Identifier: Apache-2.0
//
// How a row becomes a Version; shared by the files of the store, used by nobody else.

#pragma once

#include <algorithm>
#include <string_view>

#include "services/s3/store.h"

// Statements must be literals (platform/db/database.h), hence a macro.
#define FIRMSIGN_S3_VERSION_COLUMNS_OF(table)                                                                 \
  table "key, " table "sequence, " table "version_id, " table "is_delete_marker, " table "created_at, " table \
        "size, " table "etag, " table "sha256, " table "checksum_algorithm, " table "checksum_type, " table   \
        "checksum, " table "headers, " table "blob_id, " table "upload_id"
// What a bucket's settings say of who may use it.
#define FIRMSIGN_S3_BUCKET_DOCUMENTS_OF(table)                                                      \
  "(SELECT document FROM s3_bucket_settings p WHERE p.bucket = " table                              \
  "name AND p.kind = 'policy'), (SELECT document FROM s3_bucket_settings q WHERE q.bucket = " table \
  "name AND q.kind = 'publicAccessBlock')"
#define FIRMSIGN_S3_VERSION_COLUMNS FIRMSIGN_S3_VERSION_COLUMNS_OF("")

namespace firmsign::s3::store::internal {

// Whether a name or an id can be one of ours. Others are never asked for: not every database takes them as text.
inline bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// `first`: the column that the list above begins with.
inline Version VersionOf(const db::Row& row, int first = 0) {
  return Version{
      .key = row.String(first),
      .sequence = row.Int(first + 1),
      .version_id = row.String(first + 2),
      .is_delete_marker = row.Int(first + 3) != 0,
      .created_at = row.Time(first + 4),
      .size = static_cast<std::uint64_t>(row.Int(first + 5)),
      .etag = row.String(first + 6),
      .sha256 = row.OptionalString(first + 7),
      .checksum = {.algorithm = row.String(first + 8), .type = row.String(first + 9), .value = row.String(first + 10)},
      .headers = row.String(first + 11),
      .blob_id = row.String(first + 12),
      .upload_id = row.String(first + 13),
  };
}

// Columns: upload_id, bucket, key, initiator, initiated_at, headers, checksum_algorithm, checksum_type.
inline Upload UploadOf(const db::Row& row) {
  return Upload{
      .upload_id = row.String(0),
      .bucket = row.String(1),
      .key = row.String(2),
      .initiator = AccountId(row.Text(3)),
      .initiated_at = row.Time(4),
      .headers = row.String(5),
      .checksum_algorithm = row.String(6),
      .checksum_type = row.String(7),
  };
}

}  // namespace firmsign::s3::store::internal
