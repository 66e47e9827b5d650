// SPDX-License-Identifier: Apache-2.0
//
// GetObjectTagging, PutObjectTagging, DeleteObjectTagging: the tags lie with the headers of their version, which
// nothing else changes.

#include "services/s3/handlers.h"
#include "services/s3/read_object.h"
#include "services/s3/tags.h"

namespace firmsign::s3 {
namespace {

// Replaces the tags of the version that is meant, by none for nullopt; what version that was.
template <class Op>
std::expected<store::Version, aws::OperationError<Op>> ReplaceTags(Service& service, const Call<Op>& call,
                                                                   const std::optional<std::string>& tags) {
  const auto& input = call.input();
  const auto& bucket = call.template resolved<store::Bucket>();
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    auto found = FindReadable<Op>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
    if (!found) return std::unexpected(std::move(found).error());
    ObjectHeaders headers = ParseHeaders(found->version.headers);
    headers.tagging = tags;
    const std::string wanted = FormatHeaders(headers);
    auto replaced = service.database.InTransaction([&](db::Transaction& transaction) {
      return store::ReplaceHeaders(transaction, bucket.name, found->version, wanted);
    });
    if (replaced) return std::move(found->version);
    if (replaced.error().code != Code::kNotFound) return std::unexpected(std::move(replaced).error());
  }
  return aws::Refuse<errors::OperationAborted>(
      "A conflicting conditional operation is currently in progress against this resource. Please try again.");
}

// Only where the bucket has ever kept versions.
std::optional<std::string> VersionToTell(const store::Bucket& bucket, const store::Version& version) {
  if (bucket.versioning == store::Versioning::kNever) return std::nullopt;
  return version.version_id;
}

}  // namespace

aws::Result<ops::GetObjectTagging> GetObjectTagging(Service& service, const Call<ops::GetObjectTagging>& call) {
  const GetObjectTaggingRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  auto found =
      FindReadable<ops::GetObjectTagging>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
  if (!found) return std::unexpected(std::move(found).error());
  auto tags = ParseTags(ParseHeaders(found->version.headers).tagging.value_or(""));
  if (!tags) return std::unexpected(Error{.code = Code::kCorrupt, .message = "stored tags cannot be read"});
  return GetObjectTaggingOutput{.version_id = VersionToTell(bucket, found->version), .tag_set = *std::move(tags)};
}

aws::Result<ops::PutObjectTagging> PutObjectTagging(Service& service, const Call<ops::PutObjectTagging>& call) {
  const std::vector<Tag>& tags = call.input().tagging.tag_set;
  if (auto refused = RefuseBadTags<ops::PutObjectTagging>(tags); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  std::optional<std::string> wanted;
  if (!tags.empty()) wanted = FormatTags(tags);
  auto version = ReplaceTags(service, call, wanted);
  if (!version) return std::unexpected(std::move(version).error());
  return PutObjectTaggingOutput{.version_id = VersionToTell(call.resolved<store::Bucket>(), *version)};
}

aws::Result<ops::DeleteObjectTagging> DeleteObjectTagging(Service& service,
                                                          const Call<ops::DeleteObjectTagging>& call) {
  auto version = ReplaceTags(service, call, std::nullopt);
  if (!version) return std::unexpected(std::move(version).error());
  return DeleteObjectTaggingOutput{.version_id = VersionToTell(call.resolved<store::Bucket>(), *version)};
}

}  // namespace firmsign::s3
