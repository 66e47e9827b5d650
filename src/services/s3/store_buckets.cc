// SPDX-License-Identifier: Apache-2.0

#include "base/check.h"
#include "services/s3/store.h"
#include "services/s3/store_rows.h"

namespace firmsign::s3::store {
namespace internal {

std::string_view VersioningText(Versioning versioning) {
  switch (versioning) {
    case Versioning::kNever: return "";
    case Versioning::kEnabled: return "Enabled";
    case Versioning::kSuspended: return "Suspended";
  }
  return "";
}

}  // namespace internal

namespace {

Versioning ParseVersioning(std::string_view text) {
  if (text == "Enabled") return Versioning::kEnabled;
  if (text == "Suspended") return Versioning::kSuspended;
  return Versioning::kNever;
}

std::string_view NameOf(Setting kind) {
  switch (kind) {
    case Setting::kOwnershipControls: return "ownershipControls";
    case Setting::kPolicy: return "policy";
    case Setting::kPublicAccessBlock: return "publicAccessBlock";
    case Setting::kTagging: return "tagging";
  }
  return "";
}

// As bucket_settings.cc writes it: four digits, the last for RestrictPublicBuckets; nothing when it was removed.
// Without a document all is blocked.
bool RestrictsPublicPolicy(const std::optional<std::string>& document) {
  return !document || (document->size() == 4 && document->back() == '1');
}

}  // namespace

Bucket internal::BucketOf(const db::Row& row) {
  return Bucket{.name = row.String(0),
                .owner = AccountId(row.Text(1)),
                .region = Region(row.Text(2)),
                .versioning = ParseVersioning(row.Text(3)),
                .created_at = row.Time(4),
                .policy = row.String(5),
                .restricts_public_policy = RestrictsPublicPolicy(row.OptionalString(6))};
}

Expected<void> InsertBucket(db::Transaction& transaction, const Bucket& bucket) {
  ASSIGN_OR_RETURN(const std::int64_t inserted,
                   transaction.Execute("INSERT INTO s3_buckets (name, owner, region, versioning, created_at) "
                                       "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
                                       bucket.name, bucket.owner.str(), bucket.region.str(),
                                       internal::VersioningText(bucket.versioning), bucket.created_at));
  if (inserted == 0) return Fail(Code::kConflict, "the bucket's name is taken");
  return {};
}

Expected<Bucket> FindBucket(db::Reader& reader, std::string_view name) {
  if (!internal::IsPlain(name)) return Fail(Code::kNotFound, "no such bucket");
  std::optional<Bucket> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT b.name, b.owner, b.region, b.versioning, b.created_at, " FIRMSIGN_S3_BUCKET_DOCUMENTS_OF(
          "b.") " FROM s3_buckets b WHERE b.name = $1",
      [&](const db::Row& row) { found = internal::BucketOf(row); }, name));
  if (!found) return Fail(Code::kNotFound, "no such bucket");
  return *std::move(found);
}

Expected<Bucket> FindSame(db::Reader& reader, const Bucket& known) {
  ASSIGN_OR_RETURN(Bucket now, FindBucket(reader, known.name));
  if (now.owner != known.owner || now.created_at != known.created_at) {
    return Fail(Code::kNotFound, "the bucket of this name is another by now");
  }
  return now;
}

Expected<std::vector<Bucket>> ListBuckets(db::Reader& reader, const BucketQuery& query) {
  // A name has 7-bit characters only, so this is above every name that begins with the prefix.
  const std::string last = query.prefix + "\x7f";
  std::vector<Bucket> buckets;
  if (!internal::IsPlain(query.prefix) || !internal::IsPlain(query.region)) return buckets;
  RETURN_IF_ERROR(reader.Query(
      "SELECT name, owner, region, versioning, created_at, NULL, NULL FROM s3_buckets WHERE owner = $1 "
      "AND name > $2 AND name >= $3 AND name < $4 AND ($5 = '' OR region = $5) "
      "ORDER BY name LIMIT $6",
      [&](const db::Row& row) { buckets.push_back(internal::BucketOf(row)); }, query.owner.str(), query.after,
      query.prefix, last, query.region, query.limit));
  return buckets;
}

Expected<void> SetVersioning(db::Transaction& transaction, std::string_view name, Versioning versioning) {
  CHECK(versioning != Versioning::kNever);
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE s3_buckets SET versioning = $1 WHERE name = $2",
                                       internal::VersioningText(versioning), name));
  if (changed == 0) return Fail(Code::kNotFound, "no such bucket");
  return {};
}

Expected<void> DeleteBucket(db::Transaction& transaction, std::string_view name, Garbage& garbage) {
  // The versions first: a bucket that stays must keep its uploads.
  bool holds_versions = false;
  RETURN_IF_ERROR(transaction.Query(
      "SELECT 1 FROM s3_versions WHERE bucket = $1 LIMIT 1", [&](const db::Row&) { holds_versions = true; }, name));
  if (holds_versions) return Fail(Code::kInvalid, "the bucket is not empty");

  std::vector<std::string> uploads;
  RETURN_IF_ERROR(transaction.Query(
      "DELETE FROM s3_uploads WHERE bucket = $1 RETURNING upload_id",
      [&](const db::Row& row) { uploads.push_back(row.String(0)); }, name));
  for (const std::string& upload : uploads) RETURN_IF_ERROR(internal::DropParts(transaction, upload, garbage));

  RETURN_IF_ERROR(transaction.Execute("DELETE FROM s3_bucket_settings WHERE bucket = $1", name));

  // What another connection inserts meanwhile holds the row by its foreign key: this waits, and is refused.
  ASSIGN_OR_RETURN(const std::int64_t deleted, transaction.Execute("DELETE FROM s3_buckets WHERE name = $1", name));
  if (deleted == 0) return Fail(Code::kNotFound, "no such bucket");
  return {};
}

Expected<std::optional<std::string>> FindSetting(db::Reader& reader, std::string_view bucket, Setting kind) {
  std::optional<std::string> document;
  RETURN_IF_ERROR(reader.Query(
      "SELECT document FROM s3_bucket_settings WHERE bucket = $1 AND kind = $2",
      [&](const db::Row& row) { document = row.String(0); }, bucket, NameOf(kind)));
  return document;
}

Expected<void> PutSetting(db::Transaction& transaction, std::string_view bucket, Setting kind,
                          std::string_view document) {
  RETURN_IF_ERROR(FindBucket(transaction, bucket));
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO s3_bucket_settings (bucket, kind, document) VALUES ($1, $2, $3) "
                          "ON CONFLICT (bucket, kind) DO UPDATE SET document = excluded.document",
                          bucket, NameOf(kind), db::Blob{document}));
  return {};
}

Expected<void> RemoveSetting(db::Transaction& transaction, std::string_view bucket, Setting kind) {
  RETURN_IF_ERROR(
      transaction.Execute("DELETE FROM s3_bucket_settings WHERE bucket = $1 AND kind = $2", bucket, NameOf(kind)));
  return {};
}

}  // namespace firmsign::s3::store
