// SPDX-License-Identifier: Apache-2.0
//
// What UploadPart and UploadPartCopy share: the upload that a part belongs to, and the row of the part.

#pragma once

#include <expected>
#include <string>

#include "base/encoding.h"
#include "services/s3/receive.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

template <class Op>
std::expected<store::Upload, aws::OperationError<Op>> FindUploadForPart(Service& service,
                                                                        const typename Op::Input& input) {
  if (input.part_number < 1 || input.part_number > store::kPartsMax) {
    return RefuseArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                          std::to_string(input.part_number));
  }
  auto upload = Read(service.database, [&](db::Reader& reader) {
    return store::FindUpload(reader, input.bucket, input.key, input.upload_id);
  });
  if (!upload && upload.error().code == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!upload) return std::unexpected(std::move(upload).error());
  return *std::move(upload);
}

// Refuses a part of `bytes` bytes that can only be part of an object that the database does not take. What counts are
// the parts that are there, though the client might leave some out: whole uploads are not taken in vain.
template <class Op>
std::expected<void, aws::OperationError<Op>> RefusePartTooMuch(Service& service, const typename Op::Input& input,
                                                               std::uint64_t bytes) {
  if (service.blobs.has_folder()) return {};
  const auto others = Read(service.database, [&](db::Reader& reader) {
    return store::SumOtherParts(reader, input.upload_id, input.part_number);
  });
  if (!others) return std::unexpected(others.error());
  if (*others + bytes > service.blobs.bytes_max()) return RefuseTooLargeForDatabase(service.blobs);
  return {};
}

template <class Op>
std::expected<store::Part, aws::OperationError<Op>> StorePart(Service& service, const typename Op::Input& input,
                                                              Received& received, Instant now) {
  store::Part part{.number = input.part_number,
                   .blob_id = received.blob.id(),
                   .size = received.blob.size(),
                   .etag = EncodeHex(received.md5),
                   .checksum = EncodeBase64(received.checksum.value),
                   .created_at = now};
  if (received.other) part.other_checksum = FormatOther(received.other->kind, EncodeBase64(received.other->value));
  const auto put = WriteBytes(service, &received.blob, [&](db::Transaction& transaction, store::Garbage& garbage) {
    return store::PutPart(transaction, input.upload_id, part, received.blob, garbage);
  });
  if (!put && put.error().code == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!put) return std::unexpected(put.error());
  return part;
}

}  // namespace firmsign::s3
