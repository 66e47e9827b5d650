// SPDX-License-Identifier: Apache-2.0
//
// What the object store remembers: buckets, versions of objects, uploads in parts. SQL is written in store_*.cc only.
//
// Every function takes the transaction or the snapshot that it works in, so that a handler, or another service through
// the port, decides what happens together. None of them does I/O besides SQL, and all may run again. Besides the codes
// they name, all pass on those of db::Reader.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/db/database.h"
#include "ports/stored_bytes.h"
#include "services/s3/blobs.h"

namespace firmsign::s3::store {

enum class Versioning { kNever, kEnabled, kSuspended };

struct Bucket {
  std::string name;
  AccountId owner;
  Region region;
  Versioning versioning = Versioning::kNever;
  Instant created_at;
  // Not in lists: the bucket's policy as it was given (empty: none), and whether what it allows to everybody counts.
  std::string policy;
  bool restricts_public_policy = true;

  bool operator==(const Bucket&) const = default;
};

// A client-visible checksum beside the ETag (contract §8.5).
struct Checksum {
  std::string algorithm;  // "CRC64NVME"; empty: none
  std::string type;       // "FULL_OBJECT" or "COMPOSITE"
  std::string value;      // base64; a composite ends in "-N"
};

// One version of one key. Either `blob_id` (one run of bytes), or `upload_id` (a list of parts), or a delete marker.
struct Version {
  std::string key;
  std::int64_t sequence = 0;  // grows within the key
  std::string version_id;     // "null" when it was written without versioning
  bool is_delete_marker = false;
  bool is_latest = false;  // filled by FindCurrent and the listings
  Instant created_at;
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  std::optional<std::string> sha256;
  Checksum checksum;
  std::string headers;  // headers.h
  std::string blob_id;
  std::string upload_id;
};

// Where the bytes of a blob or of a part are.
struct StoredBlob {
  std::string blob_id;
  std::uint64_t size = 0;
  bool in_file = false;
  std::string data;  // as it lies in the row (Blobs::Decrypt); when not in_file, with Load::kData
};
enum class Load { kSizes, kData };

// Files whose rows a transaction removed: to be given to Blobs::Remove after it is committed.
using Garbage = std::vector<std::string>;

// ---- Buckets ----

// kConflict: the name is taken.
Expected<void> InsertBucket(db::Transaction& transaction, const Bucket& bucket);
// kNotFound.
Expected<Bucket> FindBucket(db::Reader& reader, std::string_view name);
// The bucket as it is now, if it is still the one that `known` was read as: with its name, but of another owner or made
// since, it is another, and who may write to the one may not to the other. kNotFound.
Expected<Bucket> FindSame(db::Reader& reader, const Bucket& known);
struct BucketQuery {
  AccountId owner;
  std::string after;   // names greater than this
  std::string prefix;  // empty: all
  std::string region;  // empty: all
  std::int64_t limit = 10000;
};
// In the order of their names.
Expected<std::vector<Bucket>> ListBuckets(db::Reader& reader, const BucketQuery& query);
// kNotFound. `versioning` is not kNever: there is no way back.
Expected<void> SetVersioning(db::Transaction& transaction, std::string_view name, Versioning versioning);
// Uploads in progress go with the bucket. kNotFound; kInvalid: it holds versions or delete markers. kConflict:
// something was put into it at this moment (PostgreSQL only).
Expected<void> DeleteBucket(db::Transaction& transaction, std::string_view name, Garbage& garbage);

// What is kept of a bucket as a text of the handler that owns it (bucket_settings.cc, bucket_policy.cc).
enum class Setting { kOwnershipControls, kPolicy, kPublicAccessBlock, kTagging };
// nullopt: nothing was said.
Expected<std::optional<std::string>> FindSetting(db::Reader& reader, std::string_view bucket, Setting kind);
// Replaces what was said. kNotFound: no such bucket. kConflict: the bucket was removed at this moment (PostgreSQL
// only).
Expected<void> PutSetting(db::Transaction& transaction, std::string_view bucket, Setting kind,
                          std::string_view document);
// Absent is fine.
Expected<void> RemoveSetting(db::Transaction& transaction, std::string_view bucket, Setting kind);

// ---- Versions ----

// The newest version, which may be a delete marker. kNotFound: no version of the key is left.
Expected<Version> FindCurrent(db::Reader& reader, std::string_view bucket, std::string_view key);
// kNotFound. Leaves is_latest false.
Expected<Version> FindVersion(db::Reader& reader, std::string_view bucket, std::string_view key,
                              std::string_view version_id);

struct BucketAndVersion {
  Bucket bucket;
  std::optional<Version> version;  // is_latest is left false
};
// FindBucket and FindVersion in one statement. kNotFound: no such bucket.
Expected<BucketAndVersion> FindBucketAndVersion(db::Reader& reader, std::string_view bucket, std::string_view key,
                                                std::string_view version_id);

// What a write brings along. `version_id` is a new random one; it is used when the bucket keeps versions.
struct NewVersion {
  std::string_view bucket;
  std::string_view key;
  std::string_view version_id;
  Instant created_at;
  std::uint64_t size = 0;
  std::string_view etag;
  std::optional<std::string_view> sha256;
  Checksum checksum;
  std::string_view headers = "";
  const StagedBlob* blob = nullptr;  // exactly one of blob and upload_id
  std::string_view upload_id;
  // The newest version's as the caller has judged and held it, 0 for none; kConflict if there is a newer one. Absent:
  // whatever is there.
  std::optional<std::int64_t> after_sequence = {};
};
struct Written {
  std::string version_id;
  Versioning versioning = Versioning::kNever;
};
// Makes a new current version, in place of the null version if the bucket does not keep versions. kNotFound: no such
// bucket. kConflict: another writer of the key was faster (PostgreSQL only).
Expected<Written> PutVersion(db::Transaction& transaction, const NewVersion& version, Garbage& garbage);
// The same for a caller that has found version.bucket in this transaction.
// `bucket` as it is known: kConflict, which may show only with the transaction, if its owner or versioning is another
// now. In a bucket that keeps versions, all of it is posted.
Expected<Written> PutVersion(db::Transaction& transaction, const Bucket& bucket, const NewVersion& version,
                             Garbage& garbage);

// Takes hold of a version as it was read, so that nobody replaces or removes it until the transaction ends. kConflict:
// that has happened meanwhile (PostgreSQL only).
Expected<void> HoldVersion(db::Transaction& transaction, std::string_view bucket, const Version& version);

struct Deletion {
  std::string_view bucket;
  std::string_view key;
  std::string_view marker_id;
  Instant now;
  std::optional<std::int64_t> after_sequence = {};  // as in NewVersion
};
struct Deleted {
  bool was_there = false;
  bool is_delete_marker = false;  // what was made or removed is a delete marker
  std::string version_id;         // of what was made or removed; empty when the bucket never kept versions
};
// Deletes without a version id: the null version, or puts a delete marker with `marker_id` (see Versioning). kNotFound:
// no such bucket. kConflict as in PutVersion.
Expected<Deleted> DeleteCurrent(db::Transaction& transaction, const Deletion& deletion, Garbage& garbage);
// Removes one version for good. A version that is not there is no error.
Expected<Deleted> DeleteVersion(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                                std::string_view version_id, Garbage& garbage);

// Gives a version other headers. kNotFound: it is gone, or its headers are not those of `version` any more.
Expected<void> ReplaceHeaders(db::Transaction& transaction, std::string_view bucket, const Version& version,
                              std::string_view headers);

// Keeps the digest of a version that was uploaded in parts, unless it has one.
// `content_id`: the blob or the upload that its bytes are; another one is left alone.
Expected<void> SetSha256(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                         std::string_view version_id, std::string_view content_id, std::string_view sha256);

// The bytes of a version in their order: one entry, or one for each part. kCorrupt: a row is missing.
Expected<std::vector<StoredBlob>> FindBytes(db::Reader& reader, const Version& version, Load load);
// Whether a row names this blob: see Blobs::Sweep.
Expected<bool> IsBlobKnown(db::Reader& reader, std::string_view blob_id);

// ---- Listings ----

struct ListQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;  // empty: none
  std::int64_t limit = 1000;

  // Where to begin: keys greater than `after`. With `after_version`, also the versions of `after` that are older than
  // that one; if it is gone meanwhile, all versions of `after`, because telling twice is better than not at all.
  std::optional<std::string> after;
  std::optional<std::string> after_version;
  // Whether a group that begins with... `after` lies in was told before, and is passed over.
  bool skip_group_of_after = false;
};
struct Listing {
  std::vector<Version> versions;
  std::vector<std::string> groups;  // common prefixes
  bool is_truncated = false;
  // The last thing told, to go on from: a key or a group.
  std::string last;
  bool last_is_group = false;
  std::string last_version_id;  // empty after a group
};
// Current versions that are no delete markers, by key.
Expected<Listing> ListCurrent(db::Reader& reader, const ListQuery& query);
// All versions and markers, by key, newest first.
Expected<Listing> ListVersions(db::Reader& reader, const ListQuery& query);

// ---- Uploads in parts ----

struct Upload {
  std::string upload_id;  // grows with time
  std::string bucket;
  std::string key;
  AccountId initiator;
  Instant initiated_at;
  std::string headers;
  std::string checksum_algorithm;
  std::string checksum_type;
};
struct Part {
  std::int64_t number = 0;
  std::string blob_id;
  std::uint64_t size = 0;
  std::string etag;
  std::string checksum;  // base64, by the upload's algorithm
  // The one that the client sent, if it was by another algorithm: "CRC32:" and base64.
  std::string other_checksum;
  Instant created_at;
  bool in_file = true;  // filled by ListParts
};

inline constexpr std::int64_t kPartsMax = 10000;

// kNotFound: no such bucket.
Expected<void> InsertUpload(db::Transaction& transaction, const Upload& upload);
// kNotFound: no such upload of this bucket and key.
Expected<Upload> FindUpload(db::Reader& reader, std::string_view bucket, std::string_view key,
                            std::string_view upload_id);
// Puts or replaces a part. kNotFound: the upload is gone.
Expected<void> PutPart(db::Transaction& transaction, std::string_view upload_id, const Part& part,
                       const StagedBlob& blob, Garbage& garbage);
// Parts with a number greater than `after`, in order.
Expected<std::vector<Part>> ListParts(db::Reader& reader, std::string_view upload_id, std::int64_t after,
                                      std::int64_t limit);
// The bytes of all parts but `number`.
Expected<std::uint64_t> SumOtherParts(db::Reader& reader, std::string_view upload_id, std::int64_t number);
// Ends an upload, keeps exactly `parts` and drops the others; PutVersion with its upload_id comes next. kNotFound: the
// upload is gone. kConflict: one of the parts was replaced meanwhile.
Expected<void> CloseUpload(db::Transaction& transaction, std::string_view upload_id, const std::vector<Part>& parts,
                           Garbage& garbage);
// kNotFound: no such upload of this bucket and key.
Expected<void> AbortUpload(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                           std::string_view upload_id, Garbage& garbage);

struct UploadQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::int64_t limit = 1000;
  std::optional<std::string> after;         // a key
  std::optional<std::string> after_upload;  // with `after`: also the later uploads of that key
};
struct UploadListing {
  std::vector<Upload> uploads;
  std::vector<std::string> groups;
  bool is_truncated = false;
  std::string last;
  std::string last_upload_id;
};
// By key, then by time.
Expected<UploadListing> ListUploads(db::Reader& reader, const UploadQuery& query);

namespace internal {

// Removes the row of a blob; a file of it becomes garbage.
Expected<void> DropBlob(db::Transaction& transaction, std::string_view blob_id, Garbage& garbage);
Expected<void> DropParts(db::Transaction& transaction, std::string_view upload_id, Garbage& garbage);
Expected<void> InsertBlob(db::Transaction& transaction, const StagedBlob& blob);
// As it lies in s3_buckets.
std::string_view VersioningText(Versioning versioning);
// Columns: name, owner, region, versioning, created_at, and the documents of kPolicy and kPublicAccessBlock.
Bucket BucketOf(const db::Row& row);

}  // namespace internal

// ---- The store as a whole ----

// As ports::StoredBytes::ListUsage.
Expected<std::vector<ports::BucketUsage>> ListUsage(db::Reader& reader, std::string_view after, std::int64_t limit);

struct VersionPlace {
  std::string bucket;
  std::string key;
  std::int64_t sequence = 0;  // newer ones of a key come first
};
struct BucketAndKept {
  std::string bucket;
  Version version;
};
// Versions of all buckets, without delete markers.
Expected<std::vector<BucketAndKept>> ListAllVersions(db::Reader& reader, const VersionPlace& after, std::int64_t limit);
Expected<bool> HasVersion(db::Reader& reader, const VersionPlace& place);

struct PartPlace {
  std::string upload_id;
  std::int64_t number = 0;
};
struct PlaceAndPart {
  PartPlace place;
  Part part;  // without time
  std::string checksum_algorithm;
};
// Parts of all uploads, complete or not.
Expected<std::vector<PlaceAndPart>> ListAllParts(db::Reader& reader, const PartPlace& after, std::int64_t limit);
struct OwnerOfPart {
  std::string bucket;
  std::string key;
  std::string version_id;  // empty: the upload is not complete
};
// nullopt: there is no such part with these bytes any more.
Expected<std::optional<OwnerOfPart>> FindOwnerOfPart(db::Reader& reader, const PartPlace& place,
                                                     std::string_view blob_id);

// With its data. nullopt: there is none.
Expected<std::optional<StoredBlob>> FindBlob(db::Reader& reader, std::string_view blob_id);

}  // namespace firmsign::s3::store
