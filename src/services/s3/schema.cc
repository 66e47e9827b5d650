// SPDX-License-Identifier: Apache-2.0
//
// Keys, headers and digests are bytes, because PostgreSQL's text refuses NUL and invalid UTF-8. Names of buckets and
// ids of our own making are text.
//
// s3_versions: one row for each version of a key, delete markers included. The version with the highest `sequence` of
// its
//   key is the current one; nothing else says so, hence nothing else can disagree. The two indexes serve "current
//   version", "all versions, newest first" and "version by id", each by one seek.
// s3_blobs: one row for each run of bytes, either in `data` or in the file that is named after `blob_id`. A file
// without
//   a row is left over from a crash.
// s3_bucket_settings: what was said of a bucket besides its versioning; without a row, what holds for a new one.
// s3_parts: belongs to an upload in progress, and after its completion to the version whose `upload_id` it is.

#include "services/s3/schema.h"

namespace firmsign::s3 {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "s3", .number = 1, .sql = R"sql(
CREATE TABLE s3_buckets (
  name {TEXT} PRIMARY KEY,
  owner {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  versioning {TEXT} NOT NULL CHECK (versioning IN ('', 'Enabled', 'Suspended')),
  created_at {INT} NOT NULL
);
CREATE INDEX s3_buckets_by_owner ON s3_buckets (owner, name);

CREATE TABLE s3_blobs (
  blob_id {TEXT} PRIMARY KEY,
  size {INT} NOT NULL,
  in_file {INT} NOT NULL,
  data {BYTES}
);

CREATE TABLE s3_versions (
  bucket {TEXT} NOT NULL REFERENCES s3_buckets (name),
  key {BYTES} NOT NULL,
  sequence {INT} NOT NULL,
  version_id {TEXT} NOT NULL,
  is_delete_marker {INT} NOT NULL,
  created_at {INT} NOT NULL,
  size {INT} NOT NULL,
  etag {TEXT} NOT NULL,
  sha256 {BYTES},
  checksum_algorithm {TEXT} NOT NULL,
  checksum_type {TEXT} NOT NULL,
  checksum {TEXT} NOT NULL,
  headers {BYTES} NOT NULL,
  blob_id {TEXT},
  upload_id {TEXT}
);
CREATE UNIQUE INDEX s3_versions_newest_first ON s3_versions (bucket, key, sequence DESC);
CREATE UNIQUE INDEX s3_versions_by_id ON s3_versions (bucket, key, version_id);

CREATE TABLE s3_uploads (
  upload_id {TEXT} PRIMARY KEY,
  bucket {TEXT} NOT NULL REFERENCES s3_buckets (name),
  key {BYTES} NOT NULL,
  initiator {TEXT} NOT NULL,
  initiated_at {INT} NOT NULL,
  changes {INT} NOT NULL,
  headers {BYTES} NOT NULL,
  checksum_algorithm {TEXT} NOT NULL,
  checksum_type {TEXT} NOT NULL
);
CREATE UNIQUE INDEX s3_uploads_in_order ON s3_uploads (bucket, key, upload_id);

CREATE TABLE s3_parts (
  upload_id {TEXT} NOT NULL,
  number {INT} NOT NULL,
  blob_id {TEXT} NOT NULL,
  size {INT} NOT NULL,
  etag {TEXT} NOT NULL,
  checksum {TEXT} NOT NULL,
  created_at {INT} NOT NULL,
  PRIMARY KEY (upload_id, number)
);
)sql"},
    {.component = "s3", .number = 2, .sql = R"sql(
CREATE TABLE s3_bucket_settings (
  bucket {TEXT} NOT NULL REFERENCES s3_buckets (name),
  kind {TEXT} NOT NULL,
  document {BYTES} NOT NULL,
  PRIMARY KEY (bucket, kind)
);
ALTER TABLE s3_parts ADD COLUMN other_checksum {TEXT} NOT NULL DEFAULT '';
CREATE INDEX s3_versions_by_upload ON s3_versions (upload_id) WHERE upload_id IS NOT NULL;
)sql"},
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::s3
