// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/sign.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "apps/cli/answer.h"
#include "apps/cli/progress.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"
#include "platform/files/file.h"

namespace firmsign::cli {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

Expected<std::string> HashFile(const files::File& file, std::uint64_t size) {
  Progress progress("hashing", size);
  crypto::Digest digest(crypto::Hash::kSha256);
  std::string buffer(kReadBytes, '\0');
  std::uint64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t count, file.ReadAt(offset, buffer));
    if (count == 0) break;
    digest.Update({buffer.data(), count});
    offset += count;
    progress.Show(std::min(offset, size));
  }
  return EncodeHex(digest.Finish());
}

Expected<std::string> DefaultBucket(ApiClient& api) {
  ASSIGN_OR_RETURN(const curl::ClientResponse response,
                   api.Send({.service = "sts",
                             .method = "POST",
                             .target = "/",
                             .body = std::string("Action=GetCallerIdentity&Version=2011-06-15"),
                             .content_type = "application/x-www-form-urlencoded; charset=utf-8"}));
  constexpr std::string_view kOpen = "<Account>";
  const std::size_t begin = response.body.find(kOpen);
  if (begin == std::string::npos) return Fail(Code::kUnavailable, "the server did not say which account this is");
  return fmt::format("firmsign-{}-{}", response.body.substr(begin + kOpen.size(), 12), api.region());
}

Expected<void> MakeBucket(ApiClient& api, const std::string& bucket) {
  const auto head = api.Send({.service = "s3", .method = "HEAD", .target = "/" + bucket, .body = std::string()});
  if (head) return {};
  if (head.error().code != Code::kNotFound) return std::unexpected(head.error());
  std::string body;
  if (api.region() != "us-east-1") {
    body = fmt::format(
        "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
        api.region());
  }
  RETURN_IF_ERROR(api.Send({.service = "s3", .method = "PUT", .target = "/" + bucket, .body = std::move(body)}));
  RETURN_IF_ERROR(
      api.Send({.service = "s3",
                .method = "PUT",
                .target = "/" + bucket + "?versioning",
                .body = std::string("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")}));
  return {};
}

// Uploads the image and returns its version.
Expected<std::string> Upload(ApiClient& api, const std::string& bucket, const std::string& key, http::FileRange image,
                             const std::string& sha256) {
  Progress progress("uploading", image.length);
  ASSIGN_OR_RETURN(const curl::ClientResponse response,
                   api.Send({.service = "s3",
                             .method = "PUT",
                             .target = fmt::format("/{}/{}", bucket, EncodePercent(key, /*keep_slash=*/true)),
                             .body = std::move(image),
                             .payload_hash = sha256,
                             .content_type = "application/octet-stream"},
                            {.progress = [&](std::uint64_t done, std::uint64_t) { progress.Show(done); }}));
  const std::string_view version = response.headers.Get("x-amz-version-id");
  if (version.empty()) {
    return Fail(Code::kInvalid,
                fmt::format("bucket {} keeps no versions, which signing needs. Enable them with `aws s3api "
                            "put-bucket-versioning`, or name another with --bucket.",
                            bucket));
  }
  return std::string(version);
}

std::string JobRequest(const SignOptions& options, const std::string& bucket, const std::string& key,
                       const std::string& version) {
  std::string out;
  json::Writer writer(out);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  const auto begin = [&](std::string_view name) {
    writer.Name(name);
    writer.BeginObject();
  };
  writer.BeginObject();
  begin("source");
  begin("s3");
  text("bucketName", bucket);
  text("key", key);
  text("version", version);
  writer.EndObject();
  writer.EndObject();
  begin("destination");
  begin("s3");
  text("bucketName", bucket);
  text("prefix", "signed/");
  writer.EndObject();
  writer.EndObject();
  text("profileName", options.profile);
  text("clientRequestToken", MakeUuid(crypto::SystemRandom()));
  writer.EndObject();
  return out;
}

// Asks until the job has ended; the key of its signed object.
Expected<std::string> WaitForJob(ApiClient& api, const std::string& job) {
  constexpr std::chrono::milliseconds kPauseMax{1000};
  for (std::chrono::milliseconds pause{10};; pause = std::min(pause * 2, kPauseMax)) {
    ASSIGN_OR_RETURN(
        const json::Value answer,
        api.SendJson({.service = "signer", .method = "GET", .target = "/signing-jobs/" + job, .body = std::string()}));
    const std::string status = TextAt(answer, "status");
    if (status == "Failed") {
      return Fail(Code::kInvalid, fmt::format("signing job {} failed: {}", job, TextAt(answer, "statusReason")));
    }
    if (status == "Succeeded") {
      const json::Value* object = answer.Find("signedObject");
      const json::Value* location = object != nullptr ? object->Find("s3") : nullptr;
      if (location != nullptr) return TextAt(*location, "key");
      return Fail(Code::kUnavailable, "the server did not say where the signed object is");
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Expected<void> Sign(const SignOptions& options) {
  ASSIGN_OR_RETURN(ApiClient api, ApiClient::Make(options.client));
  ASSIGN_OR_RETURN(const std::shared_ptr<const files::File> file, files::OpenForReading(options.image));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  std::string bucket = options.bucket;
  if (bucket.empty()) {
    ASSIGN_OR_RETURN(bucket, DefaultBucket(api));
  }
  RETURN_IF_ERROR(MakeBucket(api, bucket));

  ASSIGN_OR_RETURN(const std::string sha256, HashFile(*file, size));
  const std::string key = "images/" + sha256;
  ASSIGN_OR_RETURN(const std::string version,
                   Upload(api, bucket, key, {.file = file, .offset = 0, .length = size}, sha256));
  ASSIGN_OR_RETURN(const json::Value started, api.SendJson({.service = "signer",
                                                            .method = "POST",
                                                            .target = "/signing-jobs",
                                                            .body = JobRequest(options, bucket, key, version)}));
  const std::string job = TextAt(started, "jobId");
  ASSIGN_OR_RETURN(const std::string signed_key, WaitForJob(api, job));

  const std::string out = options.out.empty() ? options.image + ".signed" : options.out;
  constexpr std::uint64_t kSignedObjectBytesMax = std::uint64_t{64} << 20;
  ASSIGN_OR_RETURN(const curl::ClientResponse object,
                   api.Send({.service = "s3",
                             .method = "GET",
                             .target = fmt::format("/{}/{}", bucket, EncodePercent(signed_key, /*keep_slash=*/true)),
                             .body = std::string()},
                            {.response_bytes_max = kSignedObjectBytesMax}));
  RETURN_IF_ERROR(files::WriteFileAtomically(out, object.body, 0644));
  fmt::print("signed {} with profile {}\n  job            {}\n  signed object  {}\n  also at        s3://{}/{}\n",
             options.image, options.profile, job, out, bucket, signed_key);
  return {};
}

}  // namespace firmsign::cli
