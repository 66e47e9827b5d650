// SPDX-License-Identifier: Apache-2.0
//
// Uploads in parts, until they are complete: CreateMultipartUpload, UploadPart, AbortMultipartUpload and the two
// listings. Completion has a file of its own.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

#include "base/encoding.h"
#include "services/s3/handlers.h"
#include "services/s3/listing.h"
#include "services/s3/object_headers.h"
#include "services/s3/receive.h"
#include "services/s3/transact.h"
#include "services/s3/upload_part.h"

namespace firmsign::s3 {
namespace {

// What S3 takes when the client names an algorithm and no type.
std::string_view DefaultType(ChecksumKind kind) {
  return kind == ChecksumKind::kCrc64Nvme ? ChecksumType::kFullObject : ChecksumType::kComposite;
}

bool IsPossible(ChecksumKind kind, std::string_view type) {
  return type == ChecksumType::kFullObject ? IsCrc(kind) : kind != ChecksumKind::kCrc64Nvme;
}

}  // namespace

aws::Result<ops::CreateMultipartUpload> CreateMultipartUpload(Service& service,
                                                              const Call<ops::CreateMultipartUpload>& call) {
  const CreateMultipartUploadRequest& input = call.input();
  if (auto refused = RefuseUnbuiltMembers<ops::CreateMultipartUpload>(input); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  auto headers = HeadersOf<ops::CreateMultipartUpload>(input);
  if (!headers) return std::unexpected(std::move(headers).error());
  ChecksumKind kind = kDefaultChecksum;
  if (input.checksum_algorithm) {
    const auto named = ParseChecksumName(*input.checksum_algorithm);
    if (!named) return RefuseNotImplemented("x-amz-checksum-algorithm");
    kind = *named;
  } else if (input.checksum_type) {
    return aws::Refuse<errors::InvalidRequest>(
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const std::string type = input.checksum_type.value_or(std::string(DefaultType(kind)));
  if (!IsPossible(kind, type)) {
    return aws::Refuse<errors::InvalidRequest>("The " + type + " checksum type cannot be used with the " +
                                               ToLower(ChecksumName(kind)) + " checksum algorithm.");
  }

  const store::Upload upload{.upload_id = MakeUploadId(service.random, call.facts().now),
                             .bucket = input.bucket,
                             .key = input.key,
                             .initiator = call.facts().account(),
                             .initiated_at = call.facts().now,
                             .headers = FormatHeaders(*headers),
                             .checksum_algorithm = std::string(ChecksumName(kind)),
                             .checksum_type = type};
  const auto made = Write(service.database, [&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store::FindSame(transaction, call.resolved<store::Bucket>()));
    return store::InsertUpload(transaction, upload);
  });
  if (!made && made.error().code == Code::kNotFound) return RefuseNoSuchBucket(input.bucket);
  if (!made) return std::unexpected(made.error());

  CreateMultipartUploadOutput output{.bucket = input.bucket, .key = input.key, .upload_id = upload.upload_id};
  TellEncryption(service.blobs.options().encrypts, output);
  if (input.checksum_algorithm) {
    output.checksum_algorithm = upload.checksum_algorithm;
    output.checksum_type = type;
  }
  return output;
}

aws::Result<ops::UploadPart> UploadPart(Service& service, const Call<ops::UploadPart>& call) {
  const UploadPartRequest& input = call.input();
  if (input.sse_customer_algorithm) return RefuseNotImplemented("x-amz-server-side-encryption-customer-algorithm");
  auto upload = FindUploadForPart<ops::UploadPart>(service, input);
  if (!upload) return std::unexpected(std::move(upload).error());
  const ChecksumKind kind = ParseChecksumName(upload->checksum_algorithm).value_or(kDefaultChecksum);
  auto fits = RefusePartTooMuch<ops::UploadPart>(service, input, call.payload().declared_bytes().value_or(0));
  if (!fits) return std::unexpected(std::move(fits).error());
  // Clients that name no algorithm for the upload send checksums of their own choice with its parts.
  auto received = Receive(service, call, Placement::kAlwaysFile,
                          ChecksumRule{.kept = kind, .takes_others = kind == kDefaultChecksum});
  if (!received) return std::unexpected(std::move(received).error());
  auto part = StorePart<ops::UploadPart>(service, input, *received, call.facts().now);
  if (!part) return std::unexpected(std::move(part).error());
  UploadPartOutput output{.etag = Quoted(part->etag)};
  if (received->other) {
    const auto& [other, value] = *received->other;
    TellChecksum(output, {.algorithm = std::string(ChecksumName(other)), .value = EncodeBase64(value)});
  } else {
    TellChecksum(output, {.algorithm = upload->checksum_algorithm, .value = part->checksum});
  }
  TellEncryption(service.blobs.options().encrypts, output);
  return output;
}

aws::Result<ops::AbortMultipartUpload> AbortMultipartUpload(Service& service,
                                                            const Call<ops::AbortMultipartUpload>& call) {
  const AbortMultipartUploadRequest& input = call.input();
  if (input.if_match_initiated_time) return RefuseNotImplemented("x-amz-if-match-initiated-time");
  const auto aborted = WriteBytes(service, nullptr, [&](db::Transaction& transaction, store::Garbage& garbage) {
    return store::AbortUpload(transaction, input.bucket, input.key, input.upload_id, garbage);
  });
  if (!aborted && aborted.error().code == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!aborted) return std::unexpected(aborted.error());
  return AbortMultipartUploadOutput{};
}

aws::Result<ops::ListParts> ListParts(Service& service, const Call<ops::ListParts>& call) {
  const ListPartsRequest& input = call.input();
  const auto limit = PageLimit(input.max_parts);
  if (!limit) return RefusePageLimit("max-parts", *input.max_parts);
  const std::int64_t after = input.part_number_marker.value_or(0);
  if (after < 0) {
    return RefuseArgument("Argument part-number-marker must be an integer between 0 and 2147483647",
                          "part-number-marker", std::to_string(after));
  }
  std::vector<store::Part> parts;
  auto upload = Read(service.database, [&](db::Reader& reader) -> Expected<store::Upload> {
    ASSIGN_OR_RETURN(store::Upload found, store::FindUpload(reader, input.bucket, input.key, input.upload_id));
    ASSIGN_OR_RETURN(parts, store::ListParts(reader, input.upload_id, after, *limit + 1));
    return found;
  });
  if (!upload && upload.error().code == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!upload) return std::unexpected(std::move(upload).error());

  const Owner owner = OwnerOf(call.resolved<store::Bucket>());
  ListPartsOutput output{
      .bucket = input.bucket,
      .key = input.key,
      .upload_id = input.upload_id,
      .part_number_marker = after,
      .max_parts = *limit,
      .is_truncated = *limit > 0 && static_cast<std::int64_t>(parts.size()) > *limit,
      .initiator = Initiator{.id = CanonicalId(upload->initiator)},
      .owner = owner,
      .storage_class = ParseHeaders(upload->headers).storage_class.value_or(std::string(StorageClass::kStandard)),
      .checksum_algorithm = upload->checksum_algorithm,
      .checksum_type = upload->checksum_type};
  if (static_cast<std::int64_t>(parts.size()) > *limit) parts.resize(*limit);
  output.next_part_number_marker = parts.empty() ? 0 : parts.back().number;
  auto& told = output.parts.emplace();
  for (const store::Part& part : parts) {
    told.push_back({.part_number = part.number,
                    .last_modified = part.created_at,
                    .etag = Quoted(part.etag),
                    .size = static_cast<std::int64_t>(part.size)});
    TellChecksum(told.back(), {.algorithm = upload->checksum_algorithm, .value = part.checksum});
  }
  return output;
}

aws::Result<ops::ListMultipartUploads> ListMultipartUploads(Service& service,
                                                            const Call<ops::ListMultipartUploads>& call) {
  const ListMultipartUploadsRequest& input = call.input();
  const auto limit = PageLimit(input.max_uploads);
  if (!limit) return RefusePageLimit("max-uploads", *input.max_uploads);
  store::UploadQuery query{.bucket = input.bucket,
                           .prefix = input.prefix.value_or(""),
                           .delimiter = input.delimiter.value_or(""),
                           .limit = *limit};
  if (input.key_marker && !input.key_marker->empty()) {
    query.after = input.key_marker;
    if (input.upload_id_marker && !input.upload_id_marker->empty()) query.after_upload = input.upload_id_marker;
  }
  auto listing = Read(service.database, [&](db::Reader& reader) { return store::ListUploads(reader, query); });
  if (!listing) return std::unexpected(std::move(listing).error());

  const NameEncoder encode{input.encoding_type.has_value()};
  const Owner owner = OwnerOf(call.resolved<store::Bucket>());
  ListMultipartUploadsOutput output{.bucket = input.bucket,
                                    .key_marker = encode(input.key_marker.value_or("")),
                                    .upload_id_marker = input.upload_id_marker.value_or(""),
                                    .prefix = encode(query.prefix),
                                    .max_uploads = *limit,
                                    .is_truncated = listing->is_truncated,
                                    .common_prefixes = TellGroups(listing->groups, encode),
                                    .encoding_type = input.encoding_type};
  if (!query.delimiter.empty()) output.delimiter = encode(query.delimiter);
  if (listing->is_truncated) {
    output.next_key_marker = encode(listing->last);
    output.next_upload_id_marker = listing->last_upload_id;
  }
  auto& told = output.uploads.emplace();
  for (const store::Upload& upload : listing->uploads) {
    told.push_back({.upload_id = upload.upload_id,
                    .key = encode(upload.key),
                    .initiated = upload.initiated_at,
                    .storage_class = ParseHeaders(upload.headers).storage_class.value_or("STANDARD"),
                    .owner = owner,
                    .initiator = Initiator{.id = CanonicalId(upload.initiator)},
                    .checksum_algorithm = upload.checksum_algorithm,
                    .checksum_type = upload.checksum_type});
  }
  return output;
}

}  // namespace firmsign::s3
