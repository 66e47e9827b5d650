// SPDX-License-Identifier: Apache-2.0
//
// The resolver that every operation on a bucket shares: finds the bucket once and hands it to the handler.

#pragma once

#include <expected>
#include <string>

#include "gateway/call.h"
#include "model/s3.h"
#include "services/s3/names.h"
#include "services/s3/policy_document.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"
#include "services/s3/store.h"
#include "services/s3/tags.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

template <class Op>
inline constexpr bool kIsAboutPolicy =
    std::is_same_v<Op, ops::PutBucketPolicy> || std::is_same_v<Op, ops::GetBucketPolicy> ||
    std::is_same_v<Op, ops::DeleteBucketPolicy>;

// Those of an object that is there already.
template <class Op>
inline constexpr bool kIsAboutAnObject =
    std::is_same_v<Op, ops::GetObject> || std::is_same_v<Op, ops::HeadObject> ||
    std::is_same_v<Op, ops::GetObjectAttributes> || std::is_same_v<Op, ops::GetObjectAcl> ||
    std::is_same_v<Op, ops::PutObjectAcl> || std::is_same_v<Op, ops::GetObjectTagging> ||
    std::is_same_v<Op, ops::PutObjectTagging> || std::is_same_v<Op, ops::DeleteObjectTagging>;

// The tags that a request gives an object, for conditions. Those that cannot be read are the handler's to refuse.
inline void AddRequestTags(const std::vector<Tag>& tags, policy::Context& context) {
  context.AddKey("s3:RequestObjectTagKeys");
  for (const Tag& tag : tags) {
    context.Set("s3:RequestObjectTag/" + tag.key, tag.value);
    context.Add("s3:RequestObjectTagKeys", tag.key);
  }
}
inline void AddRequestTags(const Tagging& tagging, policy::Context& context) {
  AddRequestTags(tagging.tag_set, context);
}
inline void AddRequestTags(const std::optional<std::string>& header, policy::Context& context) {
  if (!header || header->empty()) return;
  if (const auto tags = ParseTags(*header)) AddRequestTags(*tags, context);
}

// The ARN is the object's if the operation names a key, else the bucket's; the owner is the bucket's, so that the
// gateway denies what another account may not do. A bucket of another region is a redirect, as AWS's clients expect;
// only GetBucketLocation answers from everywhere, because it is how clients find the region.
template <class Op>
std::expected<gateway::Resolution, aws::OperationError<Op>> ResolveBucket(Service& service,
                                                                          const gateway::CallFacts& facts,
                                                                          const typename Op::Input& input) {
  auto bucket = Read(service.database, [&](db::Reader& reader) { return store::FindBucket(reader, input.bucket); });
  if (!bucket && bucket.error().code == Code::kNotFound) {
    if (IsBucketName(input.bucket)) return RefuseNoSuchBucket(input.bucket);
    return RefuseWith<errors::InvalidBucketName>("The specified bucket is not valid.", {{"BucketName", input.bucket}});
  }
  if (!bucket) return std::unexpected(std::move(bucket).error());
  if constexpr (requires { input.expected_bucket_owner; }) {
    if (input.expected_bucket_owner && *input.expected_bucket_owner != bucket->owner.str()) {
      return aws::Refuse<errors::AccessDenied>("Access Denied");
    }
  }
  if constexpr (!std::is_same_v<Op, ops::GetBucketLocation>) {
    if (bucket->region != facts.region) {
      return RefuseWith<errors::PermanentRedirect>(
          "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
          "future requests to this endpoint.",
          {{"Bucket", input.bucket}, {"Region", bucket->region.str()}},
          {{"x-amz-bucket-region", bucket->region.str()}});
    }
  }
  Expected<gateway::Resource> resource = ResourceOf(service, *bucket);
  if (!resource) return std::unexpected(std::move(resource).error());
  if constexpr (kIsAboutPolicy<Op>) {
    // Whoever owns the account can take back a policy that keeps everybody out.
    const bool is_root =
        facts.caller.type == policy::PrincipalType::kRoot || facts.caller.type == policy::PrincipalType::kOperator;
    if (is_root && facts.account() == bucket->owner) resource->policy = nullptr;
  }
  if constexpr (requires { input.key; }) resource->arn = ObjectArn(input.bucket, input.key);
  if constexpr (kIsAboutAnObject<Op>) {
    resource->on_demand = TagsOnDemand(service, input.bucket, input.key, input.version_id);
  }
  if constexpr (requires { input.key, input.tagging; }) AddRequestTags(input.tagging, resource->context);
  return gateway::Resolution{*std::move(resource), *std::move(bucket)};
}

}  // namespace firmsign::s3
