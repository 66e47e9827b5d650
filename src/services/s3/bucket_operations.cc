// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a bucket as a whole: ListBuckets, HeadBucket, DeleteBucket, GetBucketLocation, versioning.

#include "base/encoding.h"
#include "services/s3/bucket_settings.h"
#include "services/s3/handlers.h"
#include "services/s3/names.h"
#include "services/s3/refuse.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

aws::Result<ops::ListBuckets> ListBuckets(Service& service, const Call<ops::ListBuckets>& call) {
  const ListBucketsRequest& input = call.input();
  constexpr std::int64_t kBucketsMax = 10000;
  const std::int64_t limit = input.max_buckets.value_or(kBucketsMax);
  if (limit < 1 || limit > kBucketsMax) {
    return RefuseArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
                          std::to_string(limit));
  }
  store::BucketQuery query{.owner = call.facts().account(),
                           .prefix = input.prefix.value_or(""),
                           .region = input.bucket_region.value_or(""),
                           .limit = limit + 1};
  if (input.continuation_token) {
    const auto after = DecodeBase64(*input.continuation_token);
    if (!after || !IsBucketName(*after)) {
      return RefuseArgument("The continuation token provided is incorrect", "continuation-token",
                            *input.continuation_token);
    }
    query.after = *after;
  }
  auto found = Read(service.database, [&](db::Reader& reader) { return store::ListBuckets(reader, query); });
  if (!found) return std::unexpected(std::move(found).error());

  ListBucketsOutput output{.owner = Owner{.id = CanonicalId(call.facts().account())}, .prefix = input.prefix};
  if (static_cast<std::int64_t>(found->size()) > limit) {
    found->pop_back();
    output.continuation_token = EncodeBase64(found->back().name);
  }
  // The region is told where the listing is of today's form, in pages or by region.
  const bool tells_region = input.max_buckets || input.bucket_region || input.prefix || input.continuation_token;
  auto& buckets = output.buckets.emplace();
  for (const store::Bucket& bucket : *found) {
    buckets.push_back({.name = bucket.name, .creation_date = bucket.created_at});
    if (tells_region) buckets.back().bucket_region = bucket.region.str();
  }
  return output;
}

aws::Result<ops::HeadBucket> HeadBucket(Service&, const Call<ops::HeadBucket>& call) {
  const auto& bucket = call.resolved<store::Bucket>();
  return HeadBucketOutput{.bucket_arn = BucketArn(bucket.name), .bucket_region = bucket.region.str()};
}

aws::Result<ops::DeleteBucket> DeleteBucket(Service& service, const Call<ops::DeleteBucket>& call) {
  const std::string& name = call.input().bucket;
  const auto deleted =
      WriteBytes(service, nullptr, [&](db::Transaction& transaction, store::Garbage& garbage) -> Expected<void> {
        RETURN_IF_ERROR(store::FindSame(transaction, call.resolved<store::Bucket>()));
        RETURN_IF_ERROR(store::DeleteBucket(transaction, name, garbage));
        return call.Record(transaction, {});
      });
  if (deleted) return DeleteBucketOutput{};
  if (deleted.error().code == Code::kNotFound) return RefuseNoSuchBucket(name);
  if (deleted.error().code == Code::kInvalid) {
    return RefuseWith<errors::BucketNotEmpty>(
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        {{"BucketName", name}});
  }
  return std::unexpected(deleted.error());
}

aws::Result<ops::GetBucketLocation> GetBucketLocation(Service&, const Call<ops::GetBucketLocation>& call) {
  const auto& bucket = call.resolved<store::Bucket>();
  GetBucketLocationOutput output;
  if (bucket.region.str() != "us-east-1") output.location_constraint = bucket.region.str();
  return output;
}

aws::Result<ops::PutBucketVersioning> PutBucketVersioning(Service& service,
                                                          const Call<ops::PutBucketVersioning>& call) {
  const VersioningConfiguration& wanted = call.input().versioning_configuration;
  if (wanted.mfa_delete && *wanted.mfa_delete == MfaDelete::kEnabled) return RefuseNotImplemented("MfaDelete");
  store::Versioning versioning = store::Versioning::kNever;
  if (wanted.status == BucketVersioningStatus::kEnabled) versioning = store::Versioning::kEnabled;
  if (wanted.status == BucketVersioningStatus::kSuspended) versioning = store::Versioning::kSuspended;
  if (versioning == store::Versioning::kNever) {
    return RefuseMalformedXml();
  }
  const auto changed = service.database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store::FindSame(transaction, call.resolved<store::Bucket>()));
    RETURN_IF_ERROR(store::SetVersioning(transaction, call.input().bucket, versioning));
    return call.Record(transaction, {});
  });
  if (changed) return PutBucketVersioningOutput{};
  if (changed.error().code == Code::kNotFound) return RefuseNoSuchBucket(call.input().bucket);
  return std::unexpected(changed.error());
}

aws::Result<ops::GetBucketVersioning> GetBucketVersioning(Service&, const Call<ops::GetBucketVersioning>& call) {
  GetBucketVersioningOutput output;
  switch (call.resolved<store::Bucket>().versioning) {
    case store::Versioning::kNever: break;
    case store::Versioning::kEnabled: output.status = std::string(BucketVersioningStatus::kEnabled); break;
    case store::Versioning::kSuspended: output.status = std::string(BucketVersioningStatus::kSuspended); break;
  }
  return output;
}

}  // namespace firmsign::s3
