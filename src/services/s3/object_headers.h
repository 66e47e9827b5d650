// SPDX-License-Identifier: Apache-2.0
//
// The members by which PutObject, CreateMultipartUpload and CopyObject describe an object: what is refused of them, and
// what is kept.

#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/time.h"
#include "services/s3/headers.h"
#include "services/s3/names.h"
#include "services/s3/receive.h"
#include "services/s3/refuse.h"
#include "services/s3/tags.h"

namespace firmsign::s3 {

// Access control lists are switched off, as in every bucket of AWS's own since 2023: only those that say nothing pass.
inline bool IsHarmlessAcl(const std::optional<std::string>& acl) {
  return !acl || *acl == ObjectCannedACL::kPrivate || *acl == ObjectCannedACL::kBucketOwnerFullControl;
}

// What Firmsign cannot do must not look done: encryption by keys, object lock, access control lists.
template <class Op>
std::expected<void, aws::OperationError<Op>> RefuseUnbuiltMembers(const typename Op::Input& input) {
  if (input.key.size() > kKeyBytesMax) return RefuseKeyTooLong(input.key, kKeyBytesMax);
  if (!IsHarmlessAcl(input.acl) || input.grant_full_control || input.grant_read || input.grant_read_acp ||
      input.grant_write_acp) {
    return aws::Refuse<errors::AccessControlListNotSupported>("The bucket does not allow ACLs");
  }
  if (input.sse_customer_algorithm) return RefuseNotImplemented("x-amz-server-side-encryption-customer-algorithm");
  if (input.server_side_encryption && *input.server_side_encryption != ServerSideEncryption::kAes256) {
    return RefuseNotImplemented("x-amz-server-side-encryption");
  }
  if (input.object_lock_mode || input.object_lock_retain_until_date || input.object_lock_legal_hold_status) {
    return aws::Refuse<errors::InvalidRequest>("Bucket is missing Object Lock Configuration");
  }
  return {};
}

// Only what is so is said.
template <class Output>
void TellEncryption(bool is_encrypted, Output& output) {
  if (is_encrypted) output.server_side_encryption = std::string(ServerSideEncryption::kAes256);
}

template <class Op>
std::expected<ObjectHeaders, aws::OperationError<Op>> HeadersOf(const typename Op::Input& input) {
  ObjectHeaders headers{
      .content_type = input.content_type,
      .cache_control = input.cache_control,
      .content_disposition = input.content_disposition,
      .content_language = input.content_language,
      .storage_class = input.storage_class,
      .website_redirect_location = input.website_redirect_location,
  };
  if (input.content_encoding) headers.content_encoding = WithoutAwsChunked(*input.content_encoding);
  if (input.expires) headers.expires = FormatHttpDate(*input.expires);
  if (input.metadata) headers.metadata = *input.metadata;
  auto tags = TagsToKeep<Op>(input.tagging);
  if (!tags) return std::unexpected(std::move(tags).error());
  headers.tagging = *std::move(tags);
  if (MetadataBytes(headers) > kMetadataBytesMax) {
    return RefuseWith<errors::MetadataTooLarge>(
        "Your metadata headers exceed the maximum allowed metadata size",
        {{"Size", std::to_string(MetadataBytes(headers))}, {"MaxSizeAllowed", std::to_string(kMetadataBytesMax)}});
  }
  return headers;
}

inline std::string Quoted(std::string_view etag) { return "\"" + std::string(etag) + "\""; }

}  // namespace firmsign::s3
