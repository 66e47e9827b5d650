// SPDX-License-Identifier: Apache-2.0
//
// How a row becomes a Version; shared by the files of the store, used by nobody else.

#pragma once

#include "services/s3/store.h"

// Statements must be literals (platform/db/database.h), hence a macro.
#define FIRMSIGN_S3_VERSION_COLUMNS                                                                                  \
  "key, sequence, version_id, is_delete_marker, created_at, size, etag, sha256, checksum_algorithm, checksum_type, " \
  "checksum, headers, blob_id, upload_id"

namespace firmsign::s3::store::internal {

inline Version VersionOf(const db::Row& row) {
  return Version{
      .key = row.String(0),
      .sequence = row.Int(1),
      .version_id = row.String(2),
      .is_delete_marker = row.Int(3) != 0,
      .created_at = row.Time(4),
      .size = static_cast<std::uint64_t>(row.Int(5)),
      .etag = row.String(6),
      .sha256 = row.OptionalString(7),
      .checksum = {.algorithm = row.String(8), .type = row.String(9), .value = row.String(10)},
      .headers = row.String(11),
      .blob_id = row.String(12),
      .upload_id = row.String(13),
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
