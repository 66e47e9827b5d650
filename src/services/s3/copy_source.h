// SPDX-License-Identifier: Apache-2.0
//
// The source of CopyObject and UploadPartCopy: finding it, with the right to read it, and copying its bytes.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/s3/policy_document.h"
#include "services/s3/read_object.h"
#include "services/s3/receive.h"

namespace firmsign::s3 {

struct CopySourceName {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

// "/bucket/key?versionId=v", percent-encoded; the first slash may be missing.
std::optional<CopySourceName> ParseCopySource(std::string_view text);

// "bytes=first-last", both given and within `size`; nullopt otherwise.
std::optional<ByteRange> ParseCopyRange(std::string_view text, std::uint64_t size);

// Copies what `body` holds, hashing it on its way. kCorrupt: a file became shorter.
Expected<Received> CopyBytes(Service& service, const http::Body& body, ChecksumKind kind, Placement placement);

struct OpenedSource {
  CopySourceName name;
  store::Bucket bucket;
  store::Version version;
  http::Body body;  // all of it, or the range that the request names
};

// The object that is copied, for the gateway.
inline Expected<gateway::Resource> ResourceOf(Service& service, const store::Bucket& bucket,
                                              const CopySourceName& source) {
  ASSIGN_OR_RETURN(gateway::Resource resource, ResourceOf(service, bucket, source.key));
  if (source.version_id) resource.context.Set("s3:VersionId", *source.version_id);
  resource.on_demand = TagsOnDemand(service, source.bucket, source.key, source.version_id);
  return resource;
}

// The source's bucket, with the right to read the object decided.
template <class Op>
std::expected<store::Bucket, aws::OperationError<Op>> FindSourceBucket(Service& service,
                                                                       const gateway::Authorized<Op>& call,
                                                                       const CopySourceName& source) {
  auto bucket = Read(service.database, [&](db::Reader& reader) { return store::FindBucket(reader, source.bucket); });
  if (!bucket && bucket.error().code == Code::kNotFound) return RefuseNoSuchBucket(source.bucket);
  if (!bucket) return std::unexpected(std::move(bucket).error());
  const auto& expected_owner = call.input().expected_source_bucket_owner;
  if (expected_owner && *expected_owner != bucket->owner.str()) {
    return aws::Refuse<errors::AccessDenied>("Access Denied");
  }
  const char* action = source.version_id ? "s3:GetObjectVersion" : "s3:GetObject";
  const auto resource = ResourceOf(service, *bucket, source);
  if (!resource) return std::unexpected(resource.error());
  if (auto grant = call.Require(action, *resource); !grant) {
    return std::unexpected(std::move(grant).error());
  }
  return *std::move(bucket);
}

template <class Op>
std::expected<OpenedSource, aws::OperationError<Op>> OpenSource(Service& service, const gateway::Authorized<Op>& call) {
  const auto& input = call.input();
  auto name = ParseCopySource(input.copy_source);
  if (!name) {
    return RefuseArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                          "x-amz-copy-source", input.copy_source);
  }
  auto bucket = FindSourceBucket<Op>(service, call, *name);
  if (!bucket) return std::unexpected(std::move(bucket).error());
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    auto found = FindReadable<Op>(service, call, *bucket, name->key, name->version_id, store::Load::kData);
    if (!found) return std::unexpected(std::move(found).error());
    const store::Version& version = found->version;
    const Conditions conditions{.if_match = input.copy_source_if_match,
                                .if_none_match = input.copy_source_if_none_match,
                                .if_modified_since = input.copy_source_if_modified_since,
                                .if_unmodified_since = input.copy_source_if_unmodified_since};
    if (Evaluate(conditions, version.etag, version.created_at) != ConditionOutcome::kProceed) {
      return RefusePrecondition("x-amz-copy-source-If-*");
    }
    ByteRange range{.first = 0, .length = version.size};
    if constexpr (requires { input.copy_source_range; }) {
      if (input.copy_source_range) {
        const auto asked = ParseCopyRange(*input.copy_source_range, version.size);
        if (!asked) {
          return RefuseArgument(
              "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
              "zero-based offsets of the first and last bytes to copy",
              "x-amz-copy-source-range", *input.copy_source_range);
        }
        range = *asked;
      }
    }
    if (range.length > kPutBytesMax) {
      return aws::Refuse<errors::InvalidRequest>(
          "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
    }
    if (range.length > service.blobs.bytes_max()) return RefuseTooLargeForDatabase(service.blobs);
    auto body = OpenBody(service, std::move(found->bytes), range);
    if (!body && body.error().code == Code::kNotFound) continue;
    if (!body) return std::unexpected(std::move(body).error());
    return OpenedSource{.name = *std::move(name),
                        .bucket = *std::move(bucket),
                        .version = std::move(found->version),
                        .body = *std::move(body)};
  }
  return std::unexpected(Error{.code = Code::kCorrupt, .message = "a stored object's file is missing"});
}

}  // namespace firmsign::s3
