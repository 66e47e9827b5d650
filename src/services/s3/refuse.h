// SPDX-License-Identifier: Apache-2.0
//
// S3's errors with their usual messages and the further elements that go with them (contract §8.6).

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/api_error.h"
#include "model/s3.h"
#include "services/s3/blobs.h"

namespace firmsign::s3 {

using Fields = std::vector<std::pair<std::string, std::string>>;

// An error with further XML elements and response headers.
template <class E>
std::unexpected<aws::Refusal<E>> RefuseWith(std::string message, Fields extras, Fields headers = {}) {
  auto refusal = aws::Refuse<E>(std::move(message));
  refusal.error().error.extras = std::move(extras);
  refusal.error().error.headers = std::move(headers);
  return refusal;
}

inline auto RefuseArgument(std::string message, std::string name, std::string value) {
  return RefuseWith<errors::InvalidArgument>(std::move(message), {{"ArgumentName", name}, {"ArgumentValue", value}});
}
inline auto RefuseNoSuchBucket(std::string_view bucket) {
  return RefuseWith<errors::NoSuchBucket>("The specified bucket does not exist", {{"BucketName", std::string(bucket)}});
}
inline auto RefuseNoSuchKey(std::string_view key, Fields headers = {}) {
  return RefuseWith<errors::NoSuchKey>("The specified key does not exist.", {{"Key", std::string(key)}},
                                       std::move(headers));
}
inline auto RefuseNoSuchVersion(std::string_view key, std::string_view version_id) {
  return RefuseWith<errors::NoSuchVersion>("The specified version does not exist.",
                                           {{"Key", std::string(key)}, {"VersionId", std::string(version_id)}});
}
inline auto RefuseNoSuchUpload(std::string_view upload_id) {
  return RefuseWith<errors::NoSuchUpload>(
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
      "completed.",
      {{"UploadId", std::string(upload_id)}});
}
inline auto RefusePrecondition(std::string condition) {
  return RefuseWith<errors::PreconditionFailed>("At least one of the pre-conditions you specified did not hold",
                                                {{"Condition", std::move(condition)}});
}
inline auto RefuseNotImplemented(std::string header) {
  return RefuseWith<errors::NotImplemented>(
      "A header or query you provided implies functionality that is not implemented.", {{"Header", std::move(header)}});
}
inline auto RefuseTooLargeForDatabase(const Blobs& blobs) {
  return RefuseWith<errors::EntityTooLarge>(blobs.LimitMessage(),
                                            {{"MaxSizeAllowed", std::to_string(blobs.options().database_bytes_max)}});
}
inline auto RefuseKeyTooLong(std::string_view key, std::size_t bytes_max) {
  return RefuseWith<errors::KeyTooLongError>(
      "Your key is too long", {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", std::to_string(bytes_max)}});
}

}  // namespace firmsign::s3
