// SPDX-License-Identifier: Apache-2.0
//
// The port by which other services read and write objects (ports/object_store.h), over the same store as the S3 API.
//
// Objects written here have "<32 digits>-1" as ETag, made of their SHA-256: MD5 would cost a second hash, and the
// suffix keeps clients from taking it for one.

#pragma once

#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "ports/object_store.h"
#include "services/s3/service.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

// Thread safety: safe.
class EmbeddedObjectStore final : public ports::ObjectStore {
 public:
  explicit EmbeddedObjectStore(Service& service) : service_(service) {}

  Expected<ports::BucketFacts> FindBucket(std::string_view bucket) override;
  Expected<ports::FoundObject> FindObject(const ports::ObjectName& name) override;
  Expected<std::unique_ptr<ports::ObjectReader>> Open(const policy::Grant& grant,
                                                      const ports::ObjectName& name) override;
  void RememberSha256(const ports::ObjectName& name, std::string_view content_id, std::string_view sha256) override;
  Expected<std::unique_ptr<ports::ObjectWriter>> Stage(std::uint64_t bytes_expected) override;
  Expected<std::string> Publish(db::Transaction& transaction, const policy::Grant& grant, std::string_view bucket,
                                std::string_view key, std::string_view content_type, const ports::StagedObject& object,
                                ports::Pace pace) override;
  void Published(ports::StagedObject& object) override;
  void Abandon(ports::StagedObject& object) override;

 private:
  static constexpr std::size_t kRememberedMax = 10'000;

  void Remember(const store::Bucket& bucket);
  std::optional<store::Bucket> Remembered(std::string_view name) const;

  Service& service_;
  // Buckets as they were when they were read last, for transactions that are posted and check them.
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, store::Bucket> remembered_;
};

}  // namespace firmsign::s3
