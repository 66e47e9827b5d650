// SPDX-License-Identifier: Apache-2.0

#include "services/s3/object_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/telemetry/log.h"
#include "services/s3/headers.h"
#include "services/s3/names.h"
#include "services/s3/policy_document.h"
#include "services/s3/store.h"
#include "services/s3/tags.h"

namespace firmsign::s3 {
namespace {

constexpr std::string_view kReadAction = "s3:GetObjectVersion";
constexpr std::string_view kWriteAction = "s3:PutObject";
// Opening a file after its row was read can lose against a deletion; then the row is gone, too.
constexpr int kOpenAttempts = 3;

bool Allows(const policy::Grant& grant, std::string_view action, std::string_view bucket, std::string_view key,
            const AccountId& owner) {
  return grant.action() == action && grant.resource() == ObjectArn(bucket, key) && grant.account() == owner;
}

ports::ObjectFacts FactsOf(const store::Version& version) {
  return {.size = version.size,
          .sha256 = version.sha256,
          .content_id = version.blob_id.empty() ? version.upload_id : version.blob_id};
}

Expected<ports::BucketFacts> FactsOf(Service& service, const store::Bucket& bucket) {
  ports::BucketFacts facts{.owner = bucket.owner, .region = bucket.region};
  ASSIGN_OR_RETURN(facts.policy, PolicyOf(service, bucket));
  return facts;
}

// The bytes of one version: runs in memory and open files, one after another.
class StoredObjectReader final : public ports::ObjectReader {
 public:
  struct Run {
    std::uint64_t begin = 0;  // offset in the object
    std::uint64_t size = 0;
    std::shared_ptr<const files::File> file;  // nullptr: `data`
    std::string data;
  };

  StoredObjectReader(ports::ObjectFacts facts, std::vector<Run> runs)
      : facts_(std::move(facts)), runs_(std::move(runs)) {}

  const ports::ObjectFacts& facts() const override { return facts_; }

  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (offset >= facts_.size || out.empty()) return 0;
    const auto after = std::upper_bound(runs_.begin(), runs_.end(), offset,
                                        [](std::uint64_t at, const Run& run) { return at < run.begin + run.size; });
    CHECK(after != runs_.end());
    const std::uint64_t within = offset - after->begin;
    const std::size_t count = std::min<std::uint64_t>(out.size(), after->size - within);
    if (!after->file) {
      std::memcpy(out.data(), after->data.data() + within, count);
      return count;
    }
    ASSIGN_OR_RETURN(const std::size_t got, after->file->ReadAt(within, out.first(count)));
    if (got == 0) return Fail(Code::kCorrupt, "a stored object became shorter: " + after->file->path());
    return got;
  }

 private:
  ports::ObjectFacts facts_;
  std::vector<Run> runs_;
};

class StagedVersion final : public ports::StagedObject {
 public:
  StagedVersion(StagedBlob blob, std::string sha256, std::string version_id, Instant created_at)
      : blob_(std::move(blob)),
        sha256_(std::move(sha256)),
        version_id_(std::move(version_id)),
        created_at_(created_at) {}

  std::uint64_t size() const override { return blob_.size(); }

  StagedBlob blob_;
  std::string sha256_;
  std::string version_id_;  // chosen here, so that a transaction that runs again writes the same
  Instant created_at_;
  mutable store::Garbage garbage_;  // of the last run of Publish
};

class VersionWriter final : public ports::ObjectWriter {
 public:
  VersionWriter(Service& service, std::uint64_t bytes_expected)
      : service_(service),
        now_(service.clock.Now()),
        writer_(service.blobs.Stage(bytes_expected, Placement::kBySize, now_)),
        sha256_(crypto::Hash::kSha256) {}

  Expected<void> Append(std::string_view bytes) override {
    sha256_.Update(bytes);
    return writer_->Append(bytes);
  }

  Expected<std::unique_ptr<ports::StagedObject>> Finish() override {
    ASSIGN_OR_RETURN(StagedBlob blob, writer_->Finish());
    return std::make_unique<StagedVersion>(std::move(blob), sha256_.Finish(), MakeVersionId(service_.random), now_);
  }

 private:
  Service& service_;
  Instant now_;
  std::unique_ptr<BlobWriter> writer_;
  crypto::Digest sha256_;
};

}  // namespace

Expected<ports::BucketFacts> EmbeddedObjectStore::FindBucket(std::string_view bucket) {
  store::Bucket found;
  RETURN_IF_ERROR(service_.database.ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(found, store::FindBucket(reader, bucket));
    return {};
  }));
  Remember(found);
  return FactsOf(service_, found);
}

Expected<ports::FoundObject> EmbeddedObjectStore::FindObject(const ports::ObjectName& name) {
  store::BucketAndVersion read;
  RETURN_IF_ERROR(service_.database.ReadOne([&](db::Reader& reader) -> Expected<void> {
    // What cannot be a version id is the id of no version.
    const std::string_view version_id = IsVersionId(name.version) ? std::string_view(name.version) : "";
    ASSIGN_OR_RETURN(read, store::FindBucketAndVersion(reader, name.bucket, name.key, version_id));
    return {};
  }));
  Remember(read.bucket);
  ports::FoundObject found;
  ASSIGN_OR_RETURN(found.bucket, FactsOf(service_, read.bucket));
  if (read.version && !read.version->is_delete_marker) {
    found.object = FactsOf(*read.version);
    found.tags = TagsIn(*read.version);
  }
  return found;
}

void EmbeddedObjectStore::Remember(const store::Bucket& bucket) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = remembered_.find(bucket.name);
    if (found != remembered_.end() && found->second == bucket) return;
  }
  const std::unique_lock lock(mutex_);
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_.insert_or_assign(bucket.name, bucket);
}

std::optional<store::Bucket> EmbeddedObjectStore::Remembered(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = remembered_.find(std::string(name));
  if (found == remembered_.end()) return std::nullopt;
  return found->second;
}

Expected<std::unique_ptr<ports::ObjectReader>> EmbeddedObjectStore::Open(const policy::Grant& grant,
                                                                         const ports::ObjectName& name) {
  if (!IsVersionId(name.version)) return Fail(Code::kInvalid, "not a version id");
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    ports::ObjectFacts facts;
    std::vector<store::StoredBlob> bytes;
    RETURN_IF_ERROR(service_.database.Read([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(const store::BucketAndVersion found,
                       store::FindBucketAndVersion(reader, name.bucket, name.key, name.version));
      if (!Allows(grant, kReadAction, name.bucket, name.key, found.bucket.owner)) {
        return Fail(Code::kDenied, "the grant is not for reading this object");
      }
      if (!found.version || found.version->is_delete_marker) return Fail(Code::kNotFound, "no such version");
      facts = FactsOf(*found.version);
      ASSIGN_OR_RETURN(bytes, store::FindBytes(reader, *found.version, store::Load::kData));
      return {};
    }));
    std::vector<StoredObjectReader::Run> runs;
    std::uint64_t begin = 0;
    bool is_complete = true;
    for (store::StoredBlob& blob : bytes) {
      if (!blob.in_file) RETURN_IF_ERROR(service_.blobs.Decrypt(blob.blob_id, blob.data));
      StoredObjectReader::Run run{.begin = begin, .size = blob.size, .data = std::move(blob.data)};
      begin += blob.size;
      if (blob.in_file) {
        auto file = service_.blobs.OpenFile(blob.blob_id, blob.size);
        is_complete = file.has_value();
        if (!file && file.error().code != Code::kNotFound) return std::unexpected(std::move(file).error());
        if (!file) break;
        run.file = *std::move(file);
      }
      runs.push_back(std::move(run));
    }
    if (is_complete) return std::make_unique<StoredObjectReader>(std::move(facts), std::move(runs));
  }
  return Fail(Code::kCorrupt, "a stored object's file is missing");
}

void EmbeddedObjectStore::RememberSha256(const ports::ObjectName& name, std::string_view content_id,
                                         std::string_view sha256) {
  const auto stored = service_.database.InTransaction([&](db::Transaction& transaction) {
    return store::SetSha256(transaction, name.bucket, name.key, name.version, content_id, sha256);
  });
  if (!stored) telemetry::Log(telemetry::Level::kWarning, "digest_not_stored", {{"cause", stored.error().message}});
}

Expected<std::unique_ptr<ports::ObjectWriter>> EmbeddedObjectStore::Stage(std::uint64_t bytes_expected) {
  return std::make_unique<VersionWriter>(service_, bytes_expected);
}

Expected<std::string> EmbeddedObjectStore::Publish(db::Transaction& transaction, const policy::Grant& grant,
                                                   std::string_view bucket, std::string_view key,
                                                   std::string_view content_type, const ports::StagedObject& object,
                                                   ports::Pace pace) {
  std::optional<store::Bucket> found;
  if (pace == ports::Pace::kPosted) found = Remembered(bucket);
  // What a write replaces in a bucket without versioning is only known once it was read.
  if (!found || found->versioning != store::Versioning::kEnabled) {
    ASSIGN_OR_RETURN(found, store::FindBucket(transaction, bucket));
    Remember(*found);
  }
  if (!Allows(grant, kWriteAction, bucket, key, found->owner)) {
    return Fail(Code::kDenied, "the grant is not for writing this object");
  }
  if (key.empty() || key.size() > kKeyBytesMax) return Fail(Code::kInvalid, "the key is empty or too long");
  const auto& staged = static_cast<const StagedVersion&>(object);
  ObjectHeaders headers;
  if (!content_type.empty()) headers.content_type = std::string(content_type);
  const std::string stored_headers = FormatHeaders(headers);
  const std::string etag = SignerEtag(staged.sha256_);
  staged.garbage_.clear();
  ASSIGN_OR_RETURN(const store::Written written, store::PutVersion(transaction, *found,
                                                                   {.bucket = bucket,
                                                                    .key = key,
                                                                    .version_id = staged.version_id_,
                                                                    .created_at = staged.created_at_,
                                                                    .size = staged.blob_.size(),
                                                                    .etag = etag,
                                                                    .sha256 = staged.sha256_,
                                                                    .headers = stored_headers,
                                                                    .blob = &staged.blob_},
                                                                   staged.garbage_));
  return written.version_id;
}

void EmbeddedObjectStore::Published(ports::StagedObject& object) {
  auto& staged = static_cast<StagedVersion&>(object);
  staged.blob_.Keep();
  service_.blobs.Remove(staged.garbage_);
}

void EmbeddedObjectStore::Abandon(ports::StagedObject& object) { static_cast<StagedVersion&>(object).blob_.Keep(); }

}  // namespace firmsign::s3
