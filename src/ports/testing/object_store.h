// SPDX-License-Identifier: Apache-2.0
//
// For tests: an object store whose published objects are rows of the caller's transaction, so that a test sees what a
// rollback undoes. Sources lie in memory.

#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "platform/crypto/digest.h"
#include "platform/db/database.h"
#include "ports/object_store.h"

namespace firmsign::ports {

inline constexpr db::Migration kFakeObjectsMigration{
    .component = "fake_objects",
    .number = 1,
    .sql = "CREATE TABLE fake_objects (bucket {TEXT} NOT NULL, object_key {BYTES} NOT NULL, content {BYTES} NOT NULL)"};

// Thread safety: safe, once the test has put in what it wants.
class FakeObjectStore final : public ObjectStore {
 public:
  struct Written {
    std::string bucket;
    std::string key;
    std::string content;
  };

  void AddBucket(const std::string& name, const AccountId& owner, const Region& region) {
    buckets_[name] = {.owner = owner, .region = region};
  }
  // With `has_digest` the store knows the SHA-256, as after a plain upload.
  void AddObject(const ObjectName& name, std::string content, bool has_digest = true) {
    Object object{.facts = {.size = content.size(), .sha256 = {}, .content_id = std::to_string(++contents_)},
                  .content = std::move(content)};
    if (has_digest) object.facts.sha256 = crypto::DigestOf(crypto::Hash::kSha256, object.content);
    objects_[Key(name)] = std::move(object);
  }
  void RemoveObject(const ObjectName& name) { objects_.erase(Key(name)); }
  void RemoveBucket(const std::string& name) { buckets_.erase(name); }
  // The stored bytes rot; size and digest stay what they were.
  void Corrupt(const ObjectName& name, std::string content) { objects_[Key(name)].content = std::move(content); }

  // What was published and committed, in its order.
  static std::vector<Written> AllPublished(db::Database& database) {
    std::vector<Written> all;
    const auto read = database.Read([&](db::Reader& reader) {
      all.clear();
      return reader.Query("SELECT bucket, object_key, content FROM fake_objects",
                          [&](const db::Row& row) { all.push_back({row.String(0), row.String(1), row.String(2)}); });
    });
    CHECK(read.has_value());
    return all;
  }

  // When set, the step fails with it.
  std::optional<Error> open_error;
  std::optional<Error> stage_error;
  std::optional<Error> publish_error;

  std::atomic<int> opened{0};
  std::atomic<int> staged{0};
  std::atomic<int> discarded{0};  // staged and neither published nor abandoned
  std::atomic<int> abandoned{0};
  std::map<std::string, std::string> remembered;

  Expected<BucketFacts> FindBucket(std::string_view bucket) override {
    const auto found = buckets_.find(std::string(bucket));
    if (found == buckets_.end()) return Fail(Code::kNotFound, "no such bucket");
    return found->second;
  }
  Expected<FoundObject> FindObject(const ObjectName& name) override {
    ASSIGN_OR_RETURN(const BucketFacts bucket, FindBucket(name.bucket));
    FoundObject result{.bucket = bucket, .object = {}};
    if (const auto found = objects_.find(Key(name)); found != objects_.end()) result.object = found->second.facts;
    return result;
  }
  Expected<std::unique_ptr<ObjectReader>> Open(const policy::Grant& grant, const ObjectName& name) override {
    if (open_error) return std::unexpected(*open_error);
    RETURN_IF_ERROR(CheckGrant(grant, "s3:GetObjectVersion", name.bucket, name.key));
    const auto found = objects_.find(Key(name));
    if (found == objects_.end()) return Fail(Code::kNotFound, "no such version");
    opened.fetch_add(1);
    return std::make_unique<Reader>(found->second);
  }
  void RememberSha256(const ObjectName& name, std::string_view content_id, std::string_view sha256) override {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(Key(name));
    if (found != objects_.end() && found->second.facts.content_id == content_id) remembered[Key(name)] = sha256;
  }
  Expected<std::unique_ptr<ObjectWriter>> Stage(std::uint64_t) override {
    if (stage_error) return std::unexpected(*stage_error);
    return std::make_unique<Writer>(*this);
  }
  Expected<std::string> Publish(db::Transaction& transaction, const policy::Grant& grant, std::string_view bucket,
                                std::string_view key, std::string_view, const StagedObject& object, Pace) override {
    if (publish_error) return std::unexpected(*publish_error);
    RETURN_IF_ERROR(CheckGrant(grant, "s3:PutObject", bucket, key));
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO fake_objects (bucket, object_key, content) VALUES ($1, $2, $3)",
                                        bucket, db::Blob{key}, db::Blob{static_cast<const Staged&>(object).content}));
    return "version";
  }
  void Published(StagedObject& object) override { static_cast<Staged&>(object).is_kept = true; }
  void Abandon(StagedObject& object) override {
    static_cast<Staged&>(object).is_kept = true;
    abandoned.fetch_add(1);
  }

  static std::string Key(const ObjectName& name) { return name.bucket + "/" + name.key + "?" + name.version; }

 private:
  struct Object {
    ObjectFacts facts;
    std::string content;
  };
  class Reader final : public ObjectReader {
   public:
    explicit Reader(const Object& object) : object_(object) {}
    const ObjectFacts& facts() const override { return object_.facts; }
    Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
      if (offset >= object_.content.size()) return std::size_t{0};
      return object_.content.copy(out.data(), out.size(), offset);
    }

   private:
    const Object& object_;
  };
  struct Staged final : StagedObject {
    Staged(FakeObjectStore& s, std::string c) : store(s), content(std::move(c)) { store.staged.fetch_add(1); }
    Staged(const Staged&) = delete;
    Staged& operator=(const Staged&) = delete;
    ~Staged() override {
      if (!is_kept) store.discarded.fetch_add(1);
    }
    std::uint64_t size() const override { return content.size(); }
    FakeObjectStore& store;
    std::string content;
    bool is_kept = false;
  };
  class Writer final : public ObjectWriter {
   public:
    explicit Writer(FakeObjectStore& store) : store_(store) {}
    Expected<void> Append(std::string_view bytes) override {
      content_ += bytes;
      return {};
    }
    Expected<std::unique_ptr<StagedObject>> Finish() override {
      return std::make_unique<Staged>(store_, std::move(content_));
    }

   private:
    FakeObjectStore& store_;
    std::string content_;
  };

  Expected<void> CheckGrant(const policy::Grant& grant, std::string_view action, std::string_view bucket,
                            std::string_view key) const {
    const auto found = buckets_.find(std::string(bucket));
    if (found == buckets_.end()) return Fail(Code::kNotFound, "no such bucket");
    const std::string resource = "arn:aws:s3:::" + std::string(bucket) + "/" + std::string(key);
    if (grant.action() == action && grant.resource() == resource && grant.account() == found->second.owner) return {};
    return Fail(Code::kDenied, "the grant is for something else");
  }

  std::mutex mutex_;
  std::map<std::string, BucketFacts> buckets_;
  std::map<std::string, Object> objects_;
  int contents_ = 0;
};

}  // namespace firmsign::ports
