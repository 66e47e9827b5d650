// SPDX-License-Identifier: Apache-2.0
//
// CopyObject: the bytes are copied within the store, hashed on their way, and published like those of PutObject.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

#include <memory>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "services/s3/handlers.h"
#include "services/s3/publish.h"
#include "services/s3/read_object.h"
#include "services/s3/receive.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

struct Source {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

// "/bucket/key?versionId=v", percent-encoded; the first slash may be missing.
std::optional<Source> ParseCopySource(std::string_view text) {
  Source source;
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t at = text.rfind(kVersion); at != std::string_view::npos) {
    source.version_id = std::string(text.substr(at + kVersion.size()));
    text = text.substr(0, at);
  }
  const auto decoded = DecodePercent(text);
  if (!decoded) return std::nullopt;
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) return std::nullopt;
  source.bucket = std::string(path.substr(0, slash));
  source.key = std::string(path.substr(slash + 1));
  return source;
}

// Copies what `body` holds. kCorrupt: a file became shorter.
Expected<Received> CopyBytes(Service& service, const http::Body& body, ChecksumKind kind) {
  const auto writer = service.blobs.Stage(http::BodyLength(body), Placement::kBySize, service.clock.Now());
  Digesting digesting(kind);
  crypto::Digest sha256(crypto::Hash::kSha256);
  const auto take = [&](std::string_view bytes) {
    digesting.Update(bytes);
    sha256.Update(bytes);
    return writer->Append(bytes);
  };
  if (const auto* bytes = std::get_if<std::string>(&body)) {
    RETURN_IF_ERROR(take(*bytes));
  } else {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kChunkBytes);
    for (const http::FileRange& piece : std::get<std::vector<http::FileRange>>(body)) {
      for (std::uint64_t done = 0; done < piece.length;) {
        const std::size_t wanted = std::min<std::uint64_t>(kChunkBytes, piece.length - done);
        ASSIGN_OR_RETURN(const std::size_t count, piece.file->ReadAt(piece.offset + done, {buffer.get(), wanted}));
        if (count == 0) return Fail(Code::kCorrupt, "a stored object became shorter: " + piece.file->path());
        RETURN_IF_ERROR(take({buffer.get(), count}));
        done += count;
      }
    }
  }
  ASSIGN_OR_RETURN(StagedBlob blob, writer->Finish());
  std::string digest = sha256.Finish();
  Digests digests = digesting.Finish(digest);
  return Received{.blob = std::move(blob),
                  .md5 = std::move(digests.md5),
                  .sha256 = std::move(digest),
                  .kind = kind,
                  .checksum = std::move(digests.checksum)};
}

// The source's bucket, with the right to read the object decided.
std::expected<store::Bucket, aws::OperationError<ops::CopyObject>> FindSourceBucket(Service& service,
                                                                                    const Call<ops::CopyObject>& call,
                                                                                    const Source& source) {
  auto bucket = Read(service.database, [&](db::Reader& reader) { return store::FindBucket(reader, source.bucket); });
  if (!bucket && bucket.error().code == Code::kNotFound) return RefuseNoSuchBucket(source.bucket);
  if (!bucket) return std::unexpected(std::move(bucket).error());
  const auto& expected_owner = call.input().expected_source_bucket_owner;
  if (expected_owner && *expected_owner != bucket->owner.str()) {
    return aws::Refuse<errors::AccessDenied>("Access Denied");
  }
  const char* action = source.version_id ? "s3:GetObjectVersion" : "s3:GetObject";
  if (auto grant = call.Require(action, ObjectArn(source.bucket, source.key), bucket->owner); !grant) {
    return std::unexpected(std::move(grant).error());
  }
  return *std::move(bucket);
}

// The headers of the copy: the source's, or with REPLACE those of the request.
std::expected<std::string, aws::OperationError<ops::CopyObject>> HeadersOfCopy(const CopyObjectRequest& input,
                                                                               const store::Version& source) {
  auto asked = HeadersOf<ops::CopyObject>(input);
  if (!asked) return std::unexpected(std::move(asked).error());
  ObjectHeaders headers = ParseHeaders(source.headers);
  const ObjectHeaders stored = headers;
  if (input.metadata_directive == MetadataDirective::kReplace) headers = *asked;
  // These do not follow the directive.
  headers.storage_class = asked->storage_class;
  headers.website_redirect_location = asked->website_redirect_location;
  headers.tagging = input.tagging_directive == TaggingDirective::kReplace ? asked->tagging : stored.tagging;
  return FormatHeaders(headers);
}

bool ChangesNothing(const CopyObjectRequest& input, const Source& source) {
  return source.bucket == input.bucket && source.key == input.key && !source.version_id &&
         input.metadata_directive != MetadataDirective::kReplace && !input.storage_class &&
         !input.website_redirect_location && !input.server_side_encryption && !input.checksum_algorithm;
}

}  // namespace

aws::Result<ops::CopyObject> CopyObject(Service& service, const Call<ops::CopyObject>& call) {
  using Op = ops::CopyObject;
  const CopyObjectRequest& input = call.input();
  if (auto refused = RefuseUnbuiltMembers<Op>(input); !refused) return std::unexpected(std::move(refused).error());
  const auto source = ParseCopySource(input.copy_source);
  if (!source) {
    return RefuseArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                          "x-amz-copy-source", input.copy_source);
  }
  if (ChangesNothing(input, *source)) {
    return aws::Refuse<errors::InvalidRequest>(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes.");
  }
  auto bucket = FindSourceBucket(service, call, *source);
  if (!bucket) return std::unexpected(std::move(bucket).error());

  std::optional<http::Body> body;
  store::Version version;
  for (int attempt = 0; attempt < kReadAttempts && !body; ++attempt) {
    auto found = FindReadable<Op>(service, call, *bucket, source->key, source->version_id);
    if (!found) return std::unexpected(std::move(found).error());
    version = std::move(found->version);
    const Conditions conditions{.if_match = input.copy_source_if_match,
                                .if_none_match = input.copy_source_if_none_match,
                                .if_modified_since = input.copy_source_if_modified_since,
                                .if_unmodified_since = input.copy_source_if_unmodified_since};
    if (Evaluate(conditions, version.etag, version.created_at) != ConditionOutcome::kProceed) {
      return RefusePrecondition("x-amz-copy-source-If-*");
    }
    if (version.size > kPutBytesMax) {
      return aws::Refuse<errors::InvalidRequest>(
          "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
    }
    auto opened = OpenBody(service.blobs, std::move(found->bytes), {.first = 0, .length = version.size});
    if (opened) body = *std::move(opened);
    if (!opened && opened.error().code != Code::kNotFound) return std::unexpected(std::move(opened).error());
  }
  if (!body) return std::unexpected(Error{.code = Code::kCorrupt, .message = "a stored object's file is missing"});

  auto headers = HeadersOfCopy(input, version);
  if (!headers) return std::unexpected(std::move(headers).error());
  ChecksumKind kind = ParseChecksumName(version.checksum.algorithm).value_or(kDefaultChecksum);
  if (input.checksum_algorithm) kind = ParseChecksumName(*input.checksum_algorithm).value_or(kind);
  auto copied = CopyBytes(service, *body, kind);
  if (!copied) return std::unexpected(std::move(copied).error());

  const std::string etag = EncodeHex(copied->md5);
  const std::string version_id = MakeVersionId(service.random);
  const store::Checksum checksum{.algorithm = std::string(ChecksumName(kind)),
                                 .type = std::string(ChecksumType::kFullObject),
                                 .value = EncodeBase64(copied->checksum)};
  auto written = Publish<Op>(service,
                             {.bucket = input.bucket,
                              .key = input.key,
                              .version_id = version_id,
                              .created_at = call.facts().now,
                              .size = copied->blob.size(),
                              .etag = etag,
                              .sha256 = copied->sha256,
                              .checksum = checksum,
                              .headers = *headers,
                              .blob = &copied->blob},
                             {.if_match = input.if_match, .if_none_match = input.if_none_match});
  if (!written) return std::unexpected(std::move(written).error());
  copied->blob.Keep();

  CopyObjectOutput output;
  auto& result = output.copy_object_result.emplace();
  result.etag = Quoted(etag);
  result.last_modified = call.facts().now;
  TellChecksum(result, checksum);
  if (bucket->versioning != store::Versioning::kNever) output.copy_source_version_id = version.version_id;
  if (written->versioning != store::Versioning::kNever) output.version_id = written->version_id;
  return output;
}

}  // namespace firmsign::s3
