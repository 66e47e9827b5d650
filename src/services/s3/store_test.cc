// SPDX-License-Identifier: Apache-2.0
//
// What the store guarantees, over every database.

#include "services/s3/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "services/s3/names.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

class Store : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  World world{1024, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Databases, Store, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(Store, KeepsKeysOfAnyBytesInTheirOrder) {
  world.MakeBucket("bkt");
  const std::vector<std::string> keys{std::string("a\0b", 3), "a\x01",   "a ", "ab", "\x7f", "\xc3\xbc",
                                      "\xf0\x9f\x94\x91",     "\xff\xfe"};
  for (const std::string& key : keys) ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = key}, key)), "");
  for (const std::string& key : keys) EXPECT_EQ(world.Bytes("bkt", key), key);
  const auto listing =
      Read(*world.database, [&](db::Reader& reader) { return store::ListCurrent(reader, {.bucket = "bkt"}); });
  ASSERT_TRUE(listing);
  std::vector<std::string> told;
  for (const store::Version& version : listing->versions) told.push_back(version.key);
  EXPECT_EQ(told, keys);  // already in bytewise order
  const auto last = Read(*world.database, [&](db::Reader& reader) {
    return store::ListCurrent(reader, {.bucket = "bkt", .prefix = "\xff"});
  });
  EXPECT_EQ(last->versions.size(), 1u);
}

TEST_P(Store, FindsNothingByNamesThatNoDatabaseTakesAsText) {
  world.MakeBucket("bkt");
  for (const std::string& odd : {std::string("a\0b", 3), std::string("\xff\xfe")}) {
    EXPECT_EQ(CodeOf(world.Put({.bucket = odd, .key = "k"}, "x")), "InvalidBucketName");
    const auto aborted =
        world.Do<ops::AbortMultipartUpload, &AbortMultipartUpload>({.bucket = "bkt", .key = "k", .upload_id = odd});
    EXPECT_EQ(CodeOf(aborted), "NoSuchUpload");
    const auto parts = world.Do<ops::ListParts, &ListParts>({.bucket = "bkt", .key = "k", .upload_id = odd});
    EXPECT_EQ(CodeOf(parts), "NoSuchUpload");
    EXPECT_EQ(CodeOf(world.Do<ops::ListMultipartUploads, &ListMultipartUploads>(
                  {.bucket = "bkt", .key_marker = "k", .upload_id_marker = odd})),
              "");
    const auto buckets = world.gateway.Call<ops::ListBuckets, nullptr, &ListBuckets>(
        world.service, {.prefix = odd, .bucket_region = odd});
    ASSERT_EQ(CodeOf(buckets), "");
    EXPECT_TRUE(buckets->buckets->empty());
  }
}

TEST_P(Store, UndoesAVersionTogetherWithItsTransaction) {
  world.MakeBucket("bkt");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "stays"));
  auto writer = world.blobs->Stage(4, Placement::kBySize, world.clock.Now());
  ASSERT_TRUE(writer->Append("lost"));
  const StagedBlob blob = *writer->Finish();
  const auto failed = world.database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    store::Garbage garbage;
    RETURN_IF_ERROR(store::PutVersion(
        transaction, {.bucket = "bkt", .key = "k", .version_id = "v", .size = 4, .etag = "e", .blob = &blob}, garbage));
    return Fail(Code::kInternal, "as if something else went wrong");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(world.Bytes("bkt", "k"), "stays");
}

TEST_P(Store, GivesEveryConcurrentWriterAVersionOfItsOwn) {
  constexpr int kWriters = 8;
  constexpr int kWrites = 25;
  world.MakeBucket("bkt", "Enabled");
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kWriters; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) {
        // Each has bytes of one kind only, some in the database and some in files: a mixture would show.
        const std::string bytes(t % 2 == 0 ? 100 : 3000, static_cast<char>('a' + t));
        auto writer = world.blobs->Stage(bytes.size(), Placement::kBySize, InstantFromSeconds(1));
        if (!writer->Append(bytes)) ++failures;
        auto blob = writer->Finish();
        const std::string id = MakeVersionId(world.random);
        const auto put = [&] {
          return Write(*world.database, [&](db::Transaction& transaction) {
            store::Garbage garbage;
            return store::PutVersion(
                transaction,
                {.bucket = "bkt", .key = "k", .version_id = id, .size = bytes.size(), .etag = "e", .blob = &*blob},
                garbage);
          });
        };
        auto written = put();
        while (!written && written.error().code == Code::kConflict) written = put();  // another was faster
        if (!written) ++failures;
        blob->Keep();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  const auto listing =
      Read(*world.database, [&](db::Reader& reader) { return store::ListVersions(reader, {.bucket = "bkt"}); });
  ASSERT_EQ(listing->versions.size(), kWriters * kWrites);
  std::set<std::int64_t> sequences;
  for (const store::Version& version : listing->versions) {
    sequences.insert(version.sequence);
    const std::string bytes = world.Bytes("bkt", "k", version.version_id);
    EXPECT_EQ(bytes.size(), version.size);
    EXPECT_EQ(bytes.find_first_not_of(bytes.front()), std::string::npos);
  }
  EXPECT_EQ(sequences.size(), kWriters * kWrites);
}

TEST_P(Store, IsThereAgainAfterARestart) {
  if (!GetParam()->is_durable) GTEST_SKIP() << "a database in memory dies with its process";
  world.MakeBucket("bkt", "Enabled");
  const auto put = world.Put({.bucket = "bkt", .key = "k", .metadata = aws::StringMap{{"a", "b"}}}, "hello");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "large"}, Pattern(5000)));
  world.database.reset();
  world.database = *world.place->Open(world.clock);
  ASSERT_TRUE(db::Migrate(*world.database, Migrations()));
  Service again{*world.database, world.clock, world.random, *world.blobs, world.policies, world.principals};
  const auto get = [&](std::string key, std::optional<std::string> version) {
    return world.gateway.Call<ops::GetObject, &ResolveBucket<ops::GetObject>, &GetObject>(
        again, {.bucket = "bkt", .key = std::move(key), .version_id = std::move(version)});
  };
  const auto got = get("k", put->version_id);
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), "hello");
  EXPECT_EQ(got->metadata->at("a"), "b");
  EXPECT_EQ(ReadAll(get("large", std::nullopt)->body), Pattern(5000));
}

TEST_P(Store, RefusesToCompleteAnUploadWhosePartWasReplaced) {
  world.MakeBucket("bkt");
  const store::Upload upload{.upload_id = "u", .bucket = "bkt", .key = "k"};
  const auto write = [&](const db::Work& work) { return world.database->InTransaction(work); };
  ASSERT_TRUE(write([&](db::Transaction& transaction) { return store::InsertUpload(transaction, upload); }));
  store::Garbage garbage;
  const auto put = [&](std::int64_t number) {
    auto writer = world.blobs->Stage(0, Placement::kAlwaysFile, world.clock.Now());
    StagedBlob blob = *writer->Finish();
    EXPECT_TRUE(write([&](db::Transaction& transaction) {
      garbage.clear();
      return store::PutPart(transaction, "u", {.number = number, .blob_id = blob.id(), .etag = "e"}, blob, garbage);
    }));
    blob.Keep();
  };
  put(1);
  put(2);
  const auto seen =
      Read(*world.database, [&](db::Reader& reader) { return store::ListParts(reader, "u", 0, store::kPartsMax); });
  put(2);
  EXPECT_EQ(garbage, store::Garbage{(*seen)[1].blob_id});
  const auto close = [&](const std::vector<store::Part>& parts) {
    return write([&](db::Transaction& transaction) {
      garbage.clear();
      return store::CloseUpload(transaction, "u", parts, garbage);
    });
  };
  EXPECT_EQ(close(*seen).error().code, Code::kConflict);
  const auto now =
      Read(*world.database, [&](db::Reader& reader) { return store::ListParts(reader, "u", 0, store::kPartsMax); });
  EXPECT_EQ(now->size(), 2u);  // the refused completion undid nothing and did nothing
  EXPECT_TRUE(close({(*now)[0]}));
  EXPECT_EQ(garbage, store::Garbage{(*now)[1].blob_id});
  EXPECT_EQ(close({(*now)[0]}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace firmsign::s3
