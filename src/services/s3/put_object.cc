// SPDX-License-Identifier: Apache-2.0
//
// PutObject: the bytes are staged and verified while they arrive, then one transaction makes them the current version.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html

#include "base/encoding.h"
#include "services/s3/handlers.h"
#include "services/s3/object_headers.h"
#include "services/s3/publish.h"
#include "services/s3/receive.h"

namespace firmsign::s3 {

aws::Result<ops::PutObject> PutObject(Service& service, const Call<ops::PutObject>& call) {
  const PutObjectRequest& input = call.input();
  if (auto refused = RefuseUnbuiltMembers<ops::PutObject>(input); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  if (input.write_offset_bytes) return RefuseNotImplemented("x-amz-write-offset-bytes");
  auto headers = HeadersOf<ops::PutObject>(input);
  if (!headers) return std::unexpected(std::move(headers).error());

  auto received = Receive(service, call, Placement::kBySize, ChecksumRule{});
  if (!received) return std::unexpected(std::move(received).error());

  const std::string etag = EncodeHex(received->md5);
  const std::string stored_headers = FormatHeaders(*headers);
  const std::string version_id = MakeVersionId(service.random);
  const store::Checksum checksum{.algorithm = std::string(ChecksumName(received->checksum.kind)),
                                 .type = std::string(ChecksumType::kFullObject),
                                 .value = EncodeBase64(received->checksum.value)};
  auto written =
      Publish<ops::PutObject>(service, call.resolved<store::Bucket>(),
                              {.bucket = input.bucket,
                               .key = input.key,
                               .version_id = version_id,
                               .created_at = call.facts().now,
                               .size = received->blob.size(),
                               .etag = etag,
                               .sha256 = received->sha256,
                               .checksum = checksum,
                               .headers = stored_headers},
                              &received->blob, {.if_match = input.if_match, .if_none_match = input.if_none_match});
  if (!written) return std::unexpected(std::move(written).error());

  PutObjectOutput output{.etag = Quoted(etag)};
  TellChecksum(output, checksum);
  TellEncryption(service.blobs.options().encrypts, output);
  if (written->versioning != store::Versioning::kNever) output.version_id = written->version_id;
  return output;
}

}  // namespace firmsign::s3
