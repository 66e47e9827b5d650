// SPDX-License-Identifier: Apache-2.0
//
// CompleteMultipartUpload: the parts that the client names become one object, without moving a byte.
//
// The ETag is the MD5 of the parts' binary MD5s and "-N"; the checksum is composed or, for CRCs, combined. The SHA-256
// of the whole is not known: who needs it reads the object once and remembers it (ports::ObjectStore::RememberSha256).

#include <algorithm>

#include "base/encoding.h"
#include "services/s3/handlers.h"
#include "services/s3/object_headers.h"
#include "services/s3/part_hashes.h"
#include "services/s3/publish.h"
#include "services/s3/receive.h"

namespace firmsign::s3 {
namespace {

constexpr std::uint64_t kPartBytesMin = 5 << 20;
constexpr std::uint64_t kObjectBytesMax = std::uint64_t{5} << 40;

std::string_view Unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

// What the client named, found among what was uploaded.
struct Assembly {
  std::vector<store::Part> parts;
  std::uint64_t size = 0;
};

// Whether the checksum that the client names, if it names one, is that of the part.
bool MeansChecksum(const Claim& claim, const store::Upload& upload, const store::Part& part) {
  if (!claim.checksum) return claim.problem == ClaimProblem::kNone;
  const auto& [kind, value] = *claim.checksum;
  if (ChecksumName(kind) == upload.checksum_algorithm) return value == part.checksum;
  return FormatOther(kind, value) == part.other_checksum;
}

template <class Op>
std::expected<Assembly, aws::OperationError<Op>> Assemble(const Blobs& blobs,
                                                          const CompleteMultipartUploadRequest& input,
                                                          const store::Upload& upload,
                                                          const std::vector<store::Part>& present) {
  if (!input.multipart_upload || !input.multipart_upload->parts || input.multipart_upload->parts->empty()) {
    return aws::Refuse<errors::MalformedXML>(
        "The XML you provided was not well-formed or did not validate against our published schema");
  }
  Assembly assembly;
  std::uint64_t database_bytes = 0;  // a deployment may have been given its folder after the first parts
  for (const CompletedPart& named : *input.multipart_upload->parts) {
    const std::int64_t number = named.part_number.value_or(0);
    if (!assembly.parts.empty() && number <= assembly.parts.back().number) {
      return RefuseWith<errors::InvalidPartOrder>(
          "The list of parts was not in ascending order. Parts must be ordered by part number.",
          {{"UploadId", input.upload_id}});
    }
    const auto part = std::lower_bound(present.begin(), present.end(), number,
                                       [](const store::Part& one, std::int64_t n) { return one.number < n; });
    const Claim claim = FindClaim(named);
    const bool is_found =
        part != present.end() && part->number == number && named.etag && ToLower(Unquoted(*named.etag)) == part->etag;
    if (!is_found || !MeansChecksum(claim, upload, *part)) {
      return RefuseWith<errors::InvalidPart>(
          "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
          "specified entity tag may not match the part's entity tag.",
          {{"UploadId", input.upload_id}, {"PartNumber", std::to_string(number)}, {"ETag", named.etag.value_or("")}});
    }
    if (!assembly.parts.empty() && assembly.parts.back().size < kPartBytesMin) {
      const store::Part& little = assembly.parts.back();
      return RefuseWith<errors::EntityTooSmall>("Your proposed upload is smaller than the minimum allowed size",
                                                {{"ProposedSize", std::to_string(little.size)},
                                                 {"MinSizeAllowed", std::to_string(kPartBytesMin)},
                                                 {"PartNumber", std::to_string(little.number)},
                                                 {"ETag", little.etag}});
    }
    assembly.parts.push_back(*part);
    assembly.size += part->size;
    if (!part->in_file) database_bytes += part->size;
  }
  if (database_bytes > blobs.options().database_bytes_max) {
    return AsOperationError<Op>(RefuseTooLargeForDatabase(blobs));
  }
  if (assembly.size > kObjectBytesMax) {
    return RefuseWith<errors::EntityTooLarge>("Your proposed upload exceeds the maximum allowed size",
                                              {{"MaxSizeAllowed", std::to_string(kObjectBytesMax)}});
  }
  return assembly;
}

// What the client says the whole must be.
template <class Op>
std::expected<void, aws::OperationError<Op>> VerifyWhole(const CompleteMultipartUploadRequest& input,
                                                         const store::Checksum& checksum, std::uint64_t size) {
  if (input.mpu_object_size && *input.mpu_object_size != static_cast<std::int64_t>(size)) {
    return aws::Refuse<errors::InvalidRequest>(
        "The provided 'x-amz-mp-object-size' header value does not match the size of the uploaded parts.");
  }
  if (input.checksum_type && *input.checksum_type != checksum.type) {
    return aws::Refuse<errors::InvalidRequest>("The upload was created using the " + checksum.type +
                                               " checksum mode. The complete request must use the same checksum mode.");
  }
  const Claim claim = FindClaim(input);
  if (claim.problem == ClaimProblem::kUnsupported) return RefuseNotImplemented("x-amz-checksum-*");
  if (claim.problem == ClaimProblem::kSeveral) {
    return aws::Refuse<errors::InvalidRequest>(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  if (!claim.checksum) return {};
  // Some clients leave the number of parts out of a composite.
  const std::string value = checksum.value.substr(0, checksum.value.find('-'));
  const bool matches = ChecksumName(claim.checksum->kind) == checksum.algorithm &&
                       (claim.checksum->value == checksum.value || claim.checksum->value == value);
  if (!matches) {
    return aws::Refuse<errors::BadDigest>("The " + std::string(ChecksumName(claim.checksum->kind)) +
                                          " you specified did not match the calculated checksum.");
  }
  return {};
}

}  // namespace

aws::Result<ops::CompleteMultipartUpload> CompleteMultipartUpload(Service& service,
                                                                  const Call<ops::CompleteMultipartUpload>& call) {
  using Op = ops::CompleteMultipartUpload;
  const CompleteMultipartUploadRequest& input = call.input();
  std::vector<store::Part> present;
  auto upload = Read(service.database, [&](db::Reader& reader) -> Expected<store::Upload> {
    ASSIGN_OR_RETURN(store::Upload found, store::FindUpload(reader, input.bucket, input.key, input.upload_id));
    ASSIGN_OR_RETURN(present, store::ListParts(reader, input.upload_id, 0, store::kPartsMax));
    return found;
  });
  if (!upload && upload.error().code == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!upload) return std::unexpected(std::move(upload).error());
  auto assembly = Assemble<Op>(service.blobs, input, *upload, present);
  if (!assembly) return std::unexpected(std::move(assembly).error());
  const store::Checksum checksum = ChecksumOfParts(upload->checksum_algorithm, upload->checksum_type, assembly->parts);
  if (auto verified = VerifyWhole<Op>(input, checksum, assembly->size); !verified) {
    return std::unexpected(std::move(verified).error());
  }

  const std::string etag = EtagOfParts(assembly->parts);
  const std::string version_id = MakeVersionId(service.random);
  std::optional<Code> close_failure;
  const auto close = [&](db::Transaction& transaction, store::Garbage& garbage) -> Expected<void> {
    close_failure.reset();
    auto closed = store::CloseUpload(transaction, input.upload_id, assembly->parts, garbage);
    if (closed) return {};
    close_failure = closed.error().code;
    // Running again would not help: the client named the part that was there before.
    if (close_failure == Code::kConflict) return Fail(Code::kInvalid, std::move(closed).error().message);
    return closed;
  };
  auto written = Publish<Op>(service, call.resolved<store::Bucket>(),
                             {.bucket = input.bucket,
                              .key = input.key,
                              .version_id = version_id,
                              .created_at = call.facts().now,
                              .size = assembly->size,
                              .etag = etag,
                              .checksum = checksum,
                              .headers = upload->headers,
                              .upload_id = input.upload_id},
                             nullptr, {.if_match = input.if_match, .if_none_match = input.if_none_match}, close);
  if (!written && close_failure == Code::kNotFound) return RefuseNoSuchUpload(input.upload_id);
  if (!written && close_failure == Code::kConflict) {
    return RefuseWith<errors::InvalidPart>("One or more of the specified parts was replaced meanwhile.",
                                           {{"UploadId", input.upload_id}});
  }
  if (!written) return std::unexpected(std::move(written).error());

  CompleteMultipartUploadOutput output{.location = std::string(call.facts().tls ? "https://" : "http://") +
                                                   call.facts().host + "/" + input.bucket + "/" +
                                                   EncodePercent(input.key, /*keep_slash=*/true),
                                       .bucket = input.bucket,
                                       .key = input.key,
                                       .etag = Quoted(etag)};
  TellChecksum(output, checksum);
  TellEncryption(service.blobs.options().encrypts, output);
  if (written->versioning != store::Versioning::kNever) output.version_id = written->version_id;
  return output;
}

}  // namespace firmsign::s3
