// SPDX-License-Identifier: Apache-2.0
//
// What GetObject, HeadObject and CopyObject's source have in common: finding the version that is meant, judging the
// conditions, choosing the bytes.

#pragma once

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "aws/api_error.h"
#include "base/time.h"
#include "gateway/call.h"
#include "services/s3/checksums.h"
#include "services/s3/headers.h"
#include "services/s3/object_headers.h"
#include "services/s3/policy_document.h"
#include "services/s3/range.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

// A version and where its bytes are, read in one snapshot.
struct VersionWithBytes {
  store::Version version;
  std::vector<store::StoredBlob> bytes;  // empty for a delete marker
};

// The current version, or the one of `version_id`. kNotFound.
Expected<VersionWithBytes> FindWithBytes(db::Reader& reader, std::string_view bucket, std::string_view key,
                                         const std::optional<std::string>& version_id, store::Load load);

// Opened bytes of `range` of a version that was found with store::Load::kData. kNotFound: a file is gone, so the
// version was deleted after it was read (or its bytes were lost: whoever finds it still there on a second look says
// kCorrupt).
Expected<http::Body> OpenBody(Service& service, std::vector<store::StoredBlob> bytes, const ByteRange& range);

// How often a read that lost against a deletion looks again.
inline constexpr int kReadAttempts = 3;

// The refusals of a delete marker (contract §8.3).
template <class Op>
std::unexpected<aws::OperationError<Op>> RefuseMarker(const store::Version& marker, bool by_version_id) {
  const Fields headers{{"x-amz-delete-marker", "true"}, {"x-amz-version-id", marker.version_id}};
  if (!by_version_id) return AsOperationError<Op>(RefuseNoSuchKey(marker.key, headers));
  Fields more = headers;
  more.emplace_back("Allow", "DELETE");
  more.emplace_back("Last-Modified", FormatHttpDate(marker.created_at));
  return AsOperationError<Op>(RefuseWith<errors::MethodNotAllowed>(
      "The specified method is not allowed against this resource.", {{"ResourceType", "DeleteMarker"}}, more));
}

// Who may not list the bucket is not told whether a key exists.
template <class Op>
std::unexpected<aws::OperationError<Op>> RefuseMissing(Service& service, const gateway::Authorized<Op>& call,
                                                       const store::Bucket& bucket, std::string_view key,
                                                       const std::optional<std::string>& version_id) {
  auto resource = ResourceOf(service, bucket);
  if (!resource) return std::unexpected(aws::OperationError<Op>(std::move(resource).error()));
  auto may_list = call.Require("s3:ListBucket", *resource);
  if (!may_list) return std::unexpected(aws::OperationError<Op>(std::move(may_list).error()));
  if (version_id) return AsOperationError<Op>(RefuseNoSuchVersion(key, *version_id));
  return AsOperationError<Op>(RefuseNoSuchKey(key));
}

template <class Op>
std::expected<VersionWithBytes, aws::OperationError<Op>> FindReadable(
    Service& service, const gateway::Authorized<Op>& call, const store::Bucket& bucket, const std::string& key,
    const std::optional<std::string>& version_id, store::Load load) {
  if (version_id && !IsVersionId(*version_id)) {
    return RefuseArgument("Invalid version id specified", "versionId", *version_id);
  }
  auto found = Read(service.database,
                    [&](db::Reader& reader) { return FindWithBytes(reader, bucket.name, key, version_id, load); });
  if (!found && found.error().code == Code::kNotFound) return RefuseMissing<Op>(service, call, bucket, key, version_id);
  if (!found) return std::unexpected(std::move(found).error());
  if (found->version.is_delete_marker) return RefuseMarker<Op>(found->version, version_id.has_value());
  return *std::move(found);
}

// Which part of an object the request wants, and how to say so.
struct Selection {
  ByteRange range;
  bool is_part = false;
  std::optional<std::int64_t> parts_count;
  bool is_encrypted = false;  // all bytes of the object, as they lie
};

// GetObject's and HeadObject's conditions, Range and partNumber.
template <class Op>
std::expected<Selection, aws::OperationError<Op>> Select(const typename Op::Input& input,
                                                         const VersionWithBytes& found) {
  const store::Version& version = found.version;
  const Conditions conditions{.if_match = input.if_match,
                              .if_none_match = input.if_none_match,
                              .if_modified_since = input.if_modified_since,
                              .if_unmodified_since = input.if_unmodified_since};
  switch (Evaluate(conditions, version.etag, version.created_at)) {
    case ConditionOutcome::kProceed: break;
    case ConditionOutcome::kFailed: return RefusePrecondition(input.if_match ? "If-Match" : "If-Unmodified-Since");
    case ConditionOutcome::kNotModified:
      return RefuseWith<errors::NotModified>(
          "Not Modified", {}, {{"ETag", Quoted(version.etag)}, {"Last-Modified", FormatHttpDate(version.created_at)}});
  }
  const bool is_encrypted =
      std::ranges::all_of(found.bytes, [](const store::StoredBlob& blob) { return Blobs::IsEncrypted(blob.blob_id); });
  if (input.part_number) {
    if (input.range) return aws::Refuse<errors::InvalidRequest>("Cannot specify both Range header and partNumber");
    const std::int64_t number = *input.part_number;
    const auto count = static_cast<std::int64_t>(found.bytes.size());
    if (number < 1 || number > count) {
      return RefuseWith<errors::InvalidPartNumber>(
          "The requested partnumber is not satisfiable",
          {{"PartNumberRequested", std::to_string(number)}, {"ActualPartCount", std::to_string(count)}});
    }
    Selection selection{.is_encrypted = is_encrypted};
    for (std::int64_t i = 0; i < number - 1; ++i) selection.range.first += found.bytes[i].size;
    selection.range.length = found.bytes[number - 1].size;
    selection.is_part = selection.range.length > 0;  // there is no Content-Range of nothing
    if (!version.upload_id.empty()) selection.parts_count = count;
    return selection;
  }
  const RangeChoice choice = ChooseRange(input.range, version.size);
  if (choice.outcome == RangeOutcome::kUnsatisfiable) {
    return RefuseWith<errors::InvalidRange>(
        "The requested range is not satisfiable",
        {{"RangeRequested", *input.range}, {"ActualObjectSize", std::to_string(version.size)}});
  }
  return Selection{
      .range = choice.range, .is_part = choice.outcome == RangeOutcome::kPart, .is_encrypted = is_encrypted};
}

// Everything but the body.
template <class Op>
typename Op::Output Describe(const typename Op::Input& input, const store::Bucket& bucket,
                             const store::Version& version, const Selection& selection) {
  ObjectHeaders headers = ParseHeaders(version.headers);
  typename Op::Output output;
  output.accept_ranges = "bytes";
  output.last_modified = version.created_at;
  output.content_length = static_cast<std::int64_t>(selection.range.length);
  output.etag = Quoted(version.etag);
  if (bucket.versioning != store::Versioning::kNever) output.version_id = version.version_id;
  if (selection.is_part) {
    const std::uint64_t last = selection.range.first + selection.range.length - 1;
    output.content_range = "bytes " + std::to_string(selection.range.first) + "-" + std::to_string(last) + "/" +
                           std::to_string(version.size);
  } else if (input.checksum_mode) {
    TellChecksum(output, version.checksum);
  }
  const auto choose = [](const std::optional<std::string>& asked, std::optional<std::string>& stored) {
    return asked ? asked : std::optional(std::move(stored));
  };
  output.content_type = choose(input.response_content_type, headers.content_type).value_or("binary/octet-stream");
  output.cache_control = choose(input.response_cache_control, headers.cache_control);
  output.content_disposition = choose(input.response_content_disposition, headers.content_disposition);
  output.content_encoding = choose(input.response_content_encoding, headers.content_encoding);
  output.content_language = choose(input.response_content_language, headers.content_language);
  if (input.response_expires) {
    output.expires = input.response_expires;
  } else if (headers.expires) {
    output.expires = ParseHttpDate(*headers.expires);
  }
  output.website_redirect_location = std::move(headers.website_redirect_location);
  if (headers.storage_class && *headers.storage_class != StorageClass::kStandard) {
    output.storage_class = std::move(headers.storage_class);
  }
  if (!headers.metadata.empty()) output.metadata = std::move(headers.metadata);
  output.parts_count = selection.parts_count;
  TellEncryption(selection.is_encrypted, output);
  return output;
}

// How many tags a version has is told to those who may read them.
template <class Op>
Expected<void> TellTagCount(const gateway::Authorized<Op>& call, const store::Version& version,
                            typename Op::Output& output) {
  const std::optional<std::string> tagging = ParseHeaders(version.headers).tagging;
  if (!tagging) return {};
  const char* action = call.input().version_id ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
  const auto grant = call.Require(action, call.resource());
  if (!grant && grant.error().code != Code::kDenied) return std::unexpected(grant.error());
  if (grant) output.tag_count = std::ranges::count(*tagging, '&') + 1;
  return {};
}

}  // namespace firmsign::s3
