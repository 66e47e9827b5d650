// SPDX-License-Identifier: Apache-2.0
//
// CopyObject: the bytes are copied within the store, hashed on their way, and published like those of PutObject.
// UploadPartCopy does the same for a part of an upload.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

#include "base/encoding.h"
#include "services/s3/copy_source.h"
#include "services/s3/handlers.h"
#include "services/s3/publish.h"
#include "services/s3/upload_part.h"

namespace firmsign::s3 {
namespace {

// Tags go with the copy if the caller may read and write them.
Expected<void> RequireTags(Service& service, const Call<ops::CopyObject>& call, const OpenedSource& source) {
  const char* action = source.name.version_id ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
  ASSIGN_OR_RETURN(const gateway::Resource from, ResourceOf(service, source.bucket, source.name));
  RETURN_IF_ERROR(call.Require(action, from));
  RETURN_IF_ERROR(call.Require("s3:PutObjectTagging", call.resource()));
  return {};
}

// The headers of the copy: the source's, or with REPLACE those of the request.
std::expected<std::string, aws::OperationError<ops::CopyObject>> HeadersOfCopy(Service& service,
                                                                               const Call<ops::CopyObject>& call,
                                                                               const OpenedSource& source) {
  const CopyObjectRequest& input = call.input();
  auto asked = HeadersOf<ops::CopyObject>(input);
  if (!asked) return std::unexpected(std::move(asked).error());
  ObjectHeaders headers = ParseHeaders(source.version.headers);
  const ObjectHeaders stored = headers;
  if (input.metadata_directive == MetadataDirective::kReplace) headers = *asked;
  // These do not follow the directive.
  headers.storage_class = asked->storage_class;
  headers.website_redirect_location = asked->website_redirect_location;
  const bool replaces_tags = input.tagging_directive == TaggingDirective::kReplace;
  headers.tagging = replaces_tags ? asked->tagging : stored.tagging;
  if (!replaces_tags && headers.tagging) {
    if (auto may = RequireTags(service, call, source); !may) return std::unexpected(std::move(may).error());
  }
  return FormatHeaders(headers);
}

bool ChangesNothing(const CopyObjectRequest& input, const CopySourceName& source) {
  return source.bucket == input.bucket && source.key == input.key && !source.version_id &&
         input.metadata_directive != MetadataDirective::kReplace && !input.storage_class &&
         !input.website_redirect_location && !input.server_side_encryption && !input.checksum_algorithm;
}

}  // namespace

aws::Result<ops::CopyObject> CopyObject(Service& service, const Call<ops::CopyObject>& call) {
  using Op = ops::CopyObject;
  const CopyObjectRequest& input = call.input();
  if (auto refused = RefuseUnbuiltMembers<Op>(input); !refused) return std::unexpected(std::move(refused).error());
  const auto name = ParseCopySource(input.copy_source);
  if (name && ChangesNothing(input, *name)) {
    return aws::Refuse<errors::InvalidRequest>(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes.");
  }
  auto source = OpenSource<Op>(service, call);
  if (!source) return std::unexpected(std::move(source).error());
  const store::Version& version = source->version;

  auto headers = HeadersOfCopy(service, call, *source);
  if (!headers) return std::unexpected(std::move(headers).error());
  ChecksumKind kind = ParseChecksumName(version.checksum.algorithm).value_or(kDefaultChecksum);
  if (input.checksum_algorithm) kind = ParseChecksumName(*input.checksum_algorithm).value_or(kind);
  auto copied = CopyBytes(service, source->body, kind, Placement::kBySize);
  if (!copied) return std::unexpected(std::move(copied).error());

  const std::string etag = EncodeHex(copied->md5);
  const std::string version_id = MakeVersionId(service.random);
  const store::Checksum checksum{.algorithm = std::string(ChecksumName(kind)),
                                 .type = std::string(ChecksumType::kFullObject),
                                 .value = EncodeBase64(copied->checksum.value)};
  auto written = Publish<Op>(service, call.resolved<store::Bucket>(),
                             {.bucket = input.bucket,
                              .key = input.key,
                              .version_id = version_id,
                              .created_at = call.facts().now,
                              .size = copied->blob.size(),
                              .etag = etag,
                              .sha256 = copied->sha256,
                              .checksum = checksum,
                              .headers = *headers},
                             &copied->blob, {.if_match = input.if_match, .if_none_match = input.if_none_match});
  if (!written) return std::unexpected(std::move(written).error());

  CopyObjectOutput output;
  auto& result = output.copy_object_result.emplace();
  result.etag = Quoted(etag);
  result.last_modified = call.facts().now;
  TellChecksum(result, checksum);
  TellEncryption(service.blobs.options().encrypts, output);
  if (source->bucket.versioning != store::Versioning::kNever) output.copy_source_version_id = version.version_id;
  if (written->versioning != store::Versioning::kNever) output.version_id = written->version_id;
  return output;
}

aws::Result<ops::UploadPartCopy> UploadPartCopy(Service& service, const Call<ops::UploadPartCopy>& call) {
  using Op = ops::UploadPartCopy;
  const UploadPartCopyRequest& input = call.input();
  if (input.sse_customer_algorithm) return RefuseNotImplemented("x-amz-server-side-encryption-customer-algorithm");
  auto upload = FindUploadForPart<Op>(service, input);
  if (!upload) return std::unexpected(std::move(upload).error());
  auto source = OpenSource<Op>(service, call);
  if (!source) return std::unexpected(std::move(source).error());
  const ChecksumKind kind = ParseChecksumName(upload->checksum_algorithm).value_or(kDefaultChecksum);
  if (auto fits = RefusePartTooMuch<Op>(service, input, http::BodyLength(source->body)); !fits) {
    return std::unexpected(std::move(fits).error());
  }
  auto copied = CopyBytes(service, source->body, kind, Placement::kAlwaysFile);
  if (!copied) return std::unexpected(std::move(copied).error());
  auto part = StorePart<Op>(service, input, *copied, call.facts().now);
  if (!part) return std::unexpected(std::move(part).error());

  UploadPartCopyOutput output;
  auto& result = output.copy_part_result.emplace();
  result.etag = Quoted(part->etag);
  result.last_modified = part->created_at;
  TellChecksum(result, {.algorithm = upload->checksum_algorithm, .value = part->checksum});
  TellEncryption(service.blobs.options().encrypts, output);
  if (source->bucket.versioning != store::Versioning::kNever) {
    output.copy_source_version_id = source->version.version_id;
  }
  return output;
}

}  // namespace firmsign::s3
