// SPDX-License-Identifier: Apache-2.0
//
// CreateBucket: names are taken first come, first served, by all accounts together.
//
// Making one's own bucket again succeeds in us-east-1 and is a conflict elsewhere, as on AWS.

#include <optional>
#include <string>
#include <utility>

#include "services/s3/handlers.h"
#include "services/s3/names.h"
#include "services/s3/refuse.h"
#include "services/s3/store.h"
#include "services/s3/tags.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {
namespace {

constexpr std::string_view kFirstRegion = "us-east-1";

// The region that the request asks for; nullopt if the endpoint of the call's region does not make buckets there.
std::optional<Region> WantedRegion(const CreateBucketRequest& input, const Region& called) {
  std::optional<std::string> constraint;
  if (input.create_bucket_configuration) constraint = input.create_bucket_configuration->location_constraint;
  if (!constraint || constraint->empty()) return called.str() == kFirstRegion ? std::optional(called) : std::nullopt;
  Region wanted(*constraint == BucketLocationConstraint::kEu ? "eu-west-1" : *constraint);
  if (called.str() != kFirstRegion && wanted != called) return std::nullopt;
  return wanted;
}

}  // namespace

aws::Result<ops::CreateBucket> CreateBucket(Service& service, const Call<ops::CreateBucket>& call) {
  const CreateBucketRequest& input = call.input();
  if (!IsBucketName(input.bucket)) {
    return RefuseWith<errors::InvalidBucketName>("The specified bucket is not valid.", {{"BucketName", input.bucket}});
  }
  const auto region = WantedRegion(input, call.facts().region);
  if (!region) {
    const auto& configuration = input.create_bucket_configuration;
    const std::string constraint =
        configuration && configuration->location_constraint ? *configuration->location_constraint : "unspecified";
    return aws::Refuse<errors::IllegalLocationConstraintException>(
        "The " + constraint +
        " location constraint is incompatible for the region specific endpoint this request was sent to.");
  }
  if ((input.acl && *input.acl != BucketCannedACL::kPrivate) || input.grant_full_control || input.grant_read ||
      input.grant_read_acp || input.grant_write || input.grant_write_acp) {
    return aws::Refuse<errors::AccessControlListNotSupported>("The bucket does not allow ACLs");
  }
  if (input.object_lock_enabled_for_bucket.value_or(false)) {
    return RefuseNotImplemented("x-amz-bucket-object-lock-enabled");
  }
  std::optional<std::string> tags;
  if (const auto& wanted = input.create_bucket_configuration) {
    if (wanted->location || wanted->bucket) return RefuseNotImplemented("CreateBucketConfiguration/Bucket");
    if (wanted->tags) {
      if (auto refused = RefuseBadTags<ops::CreateBucket>(*wanted->tags, kBucketTagsMax); !refused) {
        return std::unexpected(std::move(refused).error());
      }
      if (!wanted->tags->empty()) tags = FormatTags(*wanted->tags);
    }
  }
  if (input.bucket_namespace) return RefuseNotImplemented("x-amz-bucket-namespace");

  const store::Bucket bucket{
      .name = input.bucket, .owner = call.facts().account(), .region = *region, .created_at = call.facts().now};
  CreateBucketOutput output{.location = "/" + input.bucket, .bucket_arn = BucketArn(input.bucket)};
  const auto made = service.database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store::InsertBucket(transaction, bucket));
    if (input.object_ownership) {
      RETURN_IF_ERROR(
          store::PutSetting(transaction, bucket.name, store::Setting::kOwnershipControls, *input.object_ownership));
    }
    if (tags) RETURN_IF_ERROR(store::PutSetting(transaction, bucket.name, store::Setting::kTagging, *tags));
    return call.Record(transaction, output);
  });
  if (made) return output;
  if (made.error().code != Code::kConflict) return std::unexpected(made.error());

  auto existing = Read(service.database, [&](db::Reader& reader) { return store::FindBucket(reader, input.bucket); });
  if (!existing && existing.error().code == Code::kNotFound) {
    return aws::Refuse<errors::OperationAborted>(
        "A conflicting conditional operation is currently in progress against this resource. Please try again.");
  }
  if (!existing) return std::unexpected(std::move(existing).error());
  if (existing->owner != bucket.owner) {
    return RefuseWith<errors::BucketAlreadyExists>(
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again.",
        {{"BucketName", input.bucket}});
  }
  if (existing->region == bucket.region && bucket.region.str() == kFirstRegion) return output;
  return RefuseWith<errors::BucketAlreadyOwnedByYou>(
      "Your previous request to create the named bucket succeeded and you already own it.",
      {{"BucketName", input.bucket}});
}

}  // namespace firmsign::s3
