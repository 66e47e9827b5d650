// SPDX-License-Identifier: Apache-2.0

#include "services/s3/stored_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "services/s3/object_store.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr std::size_t kLittle = 100;    // lies in the database
constexpr std::size_t kLarge = 20'000;  // lies in a file
constexpr std::size_t kPart = 5 << 20;

class StoredBytes : public testing::Test {
 protected:
  StoredBytes() {
    world.MakeBucket("bkt", "Enabled");
    world.MakeBucket("empty");
  }

  void Put(const std::string& key, std::size_t bytes) {
    ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = key}, Pattern(bytes))), "");
  }
  std::string Begin(const std::string& key) {
    return *world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = key})->upload_id;
  }
  CompletedPart Send(const std::string& upload, const std::string& key, std::int64_t number, std::size_t bytes) {
    gateway::FakePayload payload(Pattern(bytes, static_cast<unsigned>(number)));
    const auto sent = world.Do<ops::UploadPart, &UploadPart>(
        {.bucket = "bkt", .key = key, .part_number = number, .upload_id = upload}, &payload);
    EXPECT_EQ(CodeOf(sent), "");
    return {.etag = sent->etag, .part_number = number};
  }
  void PutInParts(const std::string& key, std::size_t last = 300) {
    const std::string upload = Begin(key);
    const std::vector<CompletedPart> parts{Send(upload, key, 1, kPart), Send(upload, key, 2, last)};
    const auto done = world.Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
        {.bucket = "bkt", .key = key, .multipart_upload = {{.parts = parts}}, .upload_id = upload});
    ASSERT_EQ(CodeOf(done), "");
  }
  void SignInto(const std::string& key, std::size_t bytes) {
    EmbeddedObjectStore store(world.service);
    auto writer = *store.Stage(bytes);
    ASSERT_TRUE(writer->Append(Pattern(bytes)));
    const auto staged = *writer->Finish();
    const auto grant =
        policy::Grant::Stored("a test", "s3:PutObject", "arn:aws:s3:::bkt/" + key, world.gateway.facts.account());
    ASSERT_TRUE(Write(*world.database, [&](db::Transaction& transaction) {
      return store.Publish(transaction, grant, "bkt", key, "application/json", *staged, ports::Pace::kAwaited);
    }));
    store.Published(*staged);
  }

  // "key/part: problem" of everything that is damaged.
  std::vector<std::string> Scrub() {
    std::vector<std::string> damaged;
    read = {};
    std::string from;
    do {
      const auto page = stored.Scrub(from);
      if (!page) return {"error: " + page.error().message};
      read.count += page->read.count;
      read.bytes += page->read.bytes;
      for (const ports::DamagedObject& one : page->damaged) {
        EXPECT_EQ(one.bucket, "bkt");
        damaged.push_back(one.key + "/" + std::to_string(one.part) + (one.version_id.empty() ? "*" : "") + ": " +
                          one.problem);
      }
      from = page->next;
    } while (!from.empty());
    return damaged;
  }
  // The file of this many bytes.
  std::filesystem::path FileOf(std::size_t bytes) {
    std::filesystem::path found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path() + "/objects")) {
      if (entry.is_regular_file() && entry.file_size() == bytes) found = entry.path();
    }
    EXPECT_FALSE(found.empty());
    return found;
  }
  void FlipAByte(std::size_t bytes) {
    std::fstream file(FileOf(bytes), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(bytes / 2));
    const char was = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(bytes / 2));
    file.put(static_cast<char>(was ^ 1));
  }

  World world{1024};
  EmbeddedStoredBytes stored{world.service};
  ports::StoredAmount read;
};

TEST_F(StoredBytes, AreCountedBucketByBucket) {
  Put("k", kLittle);
  Put("k", kLarge);
  SignInto("signed", 50);
  PutInParts("parts");
  Send(Begin("unfinished"), "unfinished", 3, 70);
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k"}));
  const auto usage = stored.ListUsage("", 10);
  ASSERT_TRUE(usage);
  ASSERT_EQ(usage->size(), 2U);
  const ports::BucketUsage& bucket = usage->front();
  EXPECT_EQ(bucket.bucket, "bkt");
  EXPECT_EQ(bucket.owner, world.gateway.facts.account());
  EXPECT_EQ(bucket.region, Region("us-east-1"));
  EXPECT_EQ(bucket.signed_objects.count, 1);
  EXPECT_EQ(bucket.signed_objects.bytes, 50);
  EXPECT_EQ(bucket.other_objects.count, 3);
  EXPECT_EQ(bucket.other_objects.bytes, static_cast<std::int64_t>(kLittle + kLarge + kPart + 300));
  EXPECT_EQ(bucket.unfinished_parts.count, 1);
  EXPECT_EQ(bucket.unfinished_parts.bytes, 70);
  EXPECT_EQ((*usage)[1].bucket, "empty");
  EXPECT_EQ((*usage)[1].other_objects.count, 0);
  EXPECT_EQ(stored.ListUsage("bkt", 10)->size(), 1U);
  EXPECT_EQ(stored.ListUsage("", 1)->size(), 1U);
}

TEST_F(StoredBytes, AreReadWholeAndFoundUndamaged) {
  EXPECT_THAT(Scrub(), ElementsAre());
  EXPECT_EQ(read.count, 0);
  Put("empty", 0);
  for (int i = 0; i < 450; ++i) Put("many/" + std::to_string(i % 400), kLittle);
  Put("large", kLarge);
  SignInto("signed", 50);
  PutInParts("parts");
  Send(Begin("unfinished"), "unfinished", 3, 70);
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "large"}));
  EXPECT_THAT(Scrub(), ElementsAre());
  EXPECT_EQ(read.count, 1 + 450 + 1 + 1 + 2 + 1);
  EXPECT_EQ(read.bytes, static_cast<std::int64_t>(450 * kLittle + kLarge + 50 + kPart + 300 + 70));
}

TEST_F(StoredBytes, AreToldWhereTheyAreDamaged) {
  Put("in the database", kLittle);
  Put("fine", kLittle + 1);
  Put("flipped", kLarge);
  Put("gone", kLarge + 1);
  Put("short", kLarge + 2);
  SignInto("signed", kLarge + 3);
  PutInParts("other parts");
  PutInParts("more parts");
  PutInParts("parts", 301);
  Send(Begin("unfinished"), "unfinished", 3, 70);
  ASSERT_THAT(Scrub(), ElementsAre());
  ASSERT_TRUE(world.database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute("UPDATE s3_blobs SET data = $1 WHERE size = $2",
                                        db::Blob{std::string_view(std::string(kLittle, 'x'))},
                                        static_cast<std::int64_t>(kLittle)));
    return {};
  }));
  ASSERT_TRUE(world.database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute("UPDATE s3_versions SET etag = $1 WHERE key = $2", std::string("0-2"),
                                        db::Blob{std::string_view("other parts")}));
    RETURN_IF_ERROR(transaction.Execute("UPDATE s3_versions SET checksum = $1 WHERE key = $2", std::string("AAAA"),
                                        db::Blob{std::string_view("more parts")}));
    RETURN_IF_ERROR(transaction.Execute("UPDATE s3_parts SET checksum = $1 WHERE size = 70", std::string("AAAA")));
    return {};
  }));
  FlipAByte(kLarge);
  std::filesystem::remove(FileOf(kLarge + 1));
  std::filesystem::resize_file(FileOf(kLarge + 2), kLarge - 5);
  FlipAByte(kLarge + 3);
  FlipAByte(301);
  EXPECT_THAT(Scrub(),
              UnorderedElementsAre("flipped/0: its SHA-256 is another one", "gone/0: its file is missing",
                                   "in the database/0: its SHA-256 is another one", HasSubstr("short/0: stored object"),
                                   "signed/0: its SHA-256 is another one", "parts/2: its ETag is that of other bytes",
                                   "other parts/0: its ETag is not that of its parts",
                                   "more parts/0: its CRC64NVME is not that of its parts",
                                   "unfinished/3*: its CRC64NVME is another one"));
}

TEST_F(StoredBytes, RefusePlacesThatTheyDidNotGive) {
  for (const char* from : {"x", "v", "v:", "v:61", "v:61:6:1", "v:61:61:x", "p:61", "p:6:1", "p:61:1:1", ":", "v:::"}) {
    const auto page = stored.Scrub(from);
    ASSERT_FALSE(page) << from;
    EXPECT_EQ(page.error().code, Code::kInvalid) << from;
  }
}

}  // namespace
}  // namespace firmsign::s3
