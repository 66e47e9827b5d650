// SPDX-License-Identifier: Apache-2.0
//
// What clients see when several of them touch one key or one bucket at the same moment, over every database.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 12;

// One client of the store: a thread needs a gateway of its own.
struct Client {
  template <class Op, auto Handle>
  auto Do(typename Op::Input input, gateway::Payload* payload = nullptr) {
    return gateway.Call<Op, &ResolveBucket<Op>, Handle>(world.service, std::move(input), payload);
  }
  auto Put(PutObjectRequest input, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    return Do<ops::PutObject, &PutObject>(std::move(input), &payload);
  }

  World& world;
  gateway::FakeGateway gateway{};
};

class StoreConcurrency : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  // Runs `work(client, t)` in all threads at once.
  template <class Work>
  void InThreads(Work work) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Client client{world};
        work(client, t);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  void Check(const std::string& code) {
    if (!code.empty()) ADD_FAILURE() << code;
  }
  std::vector<store::Version> Versions() {
    return Read(*world.database,
                [](db::Reader& reader) { return store::ListVersions(reader, {.bucket = "bkt", .limit = 10'000}); })
        ->versions;
  }
  std::int64_t CountBlobs() {
    std::int64_t count = 0;
    EXPECT_TRUE(world.database->Read([&](db::Reader& reader) {
      return reader.Query("SELECT COUNT(*) FROM s3_blobs", [&](const db::Row& row) { count = row.Int(0); });
    }));
    return count;
  }

  World world{1024, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Databases, StoreConcurrency, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(StoreConcurrency, EveryPutAndDeleteOfOneKeySucceedsAndLeavesAVersion) {
  world.MakeBucket("bkt", "Enabled");
  InThreads([&](Client& client, int t) {
    for (int i = 0; i < kRounds; ++i) {
      if (t % 4 == 3) {
        Check(CodeOf(client.Do<ops::DeleteObject, &DeleteObject>({.bucket = "bkt", .key = "k"})));
      } else {
        Check(CodeOf(client.Put({.bucket = "bkt", .key = "k"}, std::string(t % 2 == 0 ? 100 : 3000, 'x'))));
      }
    }
  });
  const auto versions = Versions();
  EXPECT_EQ(versions.size(), std::size_t{kThreads * kRounds});
  std::set<std::int64_t> sequences;
  for (const store::Version& version : versions) sequences.insert(version.sequence);
  EXPECT_EQ(sequences.size(), versions.size());
}

TEST_P(StoreConcurrency, OneVersionIsLeftWhereNoneAreKept) {
  world.MakeBucket("bkt");
  InThreads([&](Client& client, int t) {
    for (int i = 0; i < kRounds; ++i) {
      Check(CodeOf(client.Put({.bucket = "bkt", .key = "k"}, std::string(t % 2 == 0 ? 100 : 3000, 'x'))));
      if (t == 0) Check(CodeOf(client.Do<ops::DeleteObject, &DeleteObject>({.bucket = "bkt", .key = "k"})));
    }
  });
  Client last{world};
  Check(CodeOf(last.Put({.bucket = "bkt", .key = "k"}, std::string(3000, 'z'))));
  EXPECT_EQ(Versions().size(), 1u);
  EXPECT_EQ(CountBlobs(), 1);
  EXPECT_EQ(world.FilesAtRest(), 1);  // the files of all others are gone
  EXPECT_EQ(world.Bytes("bkt", "k"), std::string(3000, 'z'));
}

TEST_P(StoreConcurrency, DeletesOfManyObjectsDoNotStandInEachOthersWay) {
  world.MakeBucket("bkt", "Enabled");
  InThreads([&](Client& client, int t) {
    std::vector<ObjectIdentifier> objects;
    for (int i = 0; i < 20; ++i) objects.push_back({.key = "k" + std::to_string(t % 2 == 0 ? i : 19 - i)});
    const auto deleted =
        client.Do<ops::DeleteObjects, &DeleteObjects>({.bucket = "bkt", .delete_ = {.objects = objects}});
    Check(CodeOf(deleted));
    for (std::size_t i = 0; deleted && i < objects.size(); ++i) {
      EXPECT_EQ((*deleted->deleted)[i].key, objects[i].key);  // told as they were asked for
    }
  });
  EXPECT_EQ(Versions().size(), std::size_t{20 * kThreads});
}

TEST_P(StoreConcurrency, OnlyOneOfThoseWritesIfNoneMatch) {
  for (const bool keeps_versions : {false, true}) {
    const std::string bucket = keeps_versions ? "kept" : "plain";
    world.MakeBucket(bucket, keeps_versions ? "Enabled" : "");
    for (int round = 0; round < kRounds; ++round) {
      std::atomic<int> written = 0;
      InThreads([&](Client& client, int) {
        const auto put = client.Put({.bucket = bucket, .if_none_match = "*", .key = std::to_string(round)}, "x");
        if (put) ++written;
        if (!put) {
          EXPECT_EQ(CodeOf(put), "PreconditionFailed");
        }
      });
      EXPECT_EQ(written, 1);
    }
  }
}

TEST_P(StoreConcurrency, NoUpdateIsLostWhereEachNamesTheEtagThatItSaw) {
  for (const bool keeps_versions : {false, true}) {
    const std::string bucket = keeps_versions ? "kept" : "plain";
    world.MakeBucket(bucket, keeps_versions ? "Enabled" : "");
    ASSERT_EQ(CodeOf(world.Put({.bucket = bucket, .key = "k"}, "0")), "");
    InThreads([&](Client& client, int) {
      for (int done = 0; done < 5;) {
        const auto got = client.Do<ops::GetObject, &GetObject>({.bucket = bucket, .key = "k"});
        ASSERT_EQ(CodeOf(got), "");
        const std::string next = std::to_string(std::stoi(ReadAll(got->body)) + 1);
        const auto put = client.Put({.bucket = bucket, .if_match = got->etag, .key = "k"}, next);
        if (put) ++done;
        if (!put) {
          ASSERT_EQ(CodeOf(put), "PreconditionFailed");
        }
      }
    });
    EXPECT_EQ(world.Bytes(bucket, "k"), std::to_string(5 * kThreads));
  }
}

TEST_P(StoreConcurrency, AnUploadIsCompletedOrAbortedOnce) {
  world.MakeBucket("bkt", "Enabled");
  for (int round = 0; round < kRounds; ++round) {
    const auto made = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "k"});
    const std::string upload = *made->upload_id;
    gateway::FakePayload payload("part");
    const auto part = world.Do<ops::UploadPart, &UploadPart>(
        {.bucket = "bkt", .key = "k", .part_number = 1, .upload_id = upload}, &payload);
    std::atomic<int> completed = 0;
    std::atomic<int> ended = 0;
    InThreads([&](Client& client, int t) {
      std::string code;
      if (t % 4 == 0) {
        code = CodeOf(client.Do<ops::AbortMultipartUpload, &AbortMultipartUpload>(
            {.bucket = "bkt", .key = "k", .upload_id = upload}));
      } else if (t % 4 == 1) {
        gateway::FakePayload other("another part");
        code = CodeOf(client.Do<ops::UploadPart, &UploadPart>(
            {.bucket = "bkt", .key = "k", .part_number = 2, .upload_id = upload}, &other));
      } else {
        const auto done = client.Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
            {.bucket = "bkt",
             .key = "k",
             .multipart_upload = {{.parts = {{{.etag = part->etag, .part_number = 1}}}}},
             .upload_id = upload});
        code = CodeOf(done);
        if (done) ++completed;
      }
      if (code.empty() && t % 4 != 1) ++ended;
      if (!code.empty()) {
        EXPECT_EQ(code, "NoSuchUpload");
      }
    });
    EXPECT_EQ(ended, 1);
    const auto versions = Versions();
    ASSERT_EQ(versions.size(), std::size_t(completed));
    EXPECT_EQ(CountBlobs(), completed);
    EXPECT_EQ(world.FilesAtRest(), completed);
    if (completed == 1) {
      EXPECT_EQ(world.Bytes("bkt", "k"), "part");
      ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k", .version_id = versions.front().version_id}));
    }
  }
}

TEST_P(StoreConcurrency, ABucketIsRemovedOrHoldsWhatWasPutThere) {
  for (int round = 0; round < kRounds; ++round) {
    world.MakeBucket("bkt");
    std::atomic<bool> is_deleted = false;
    std::atomic<int> written = 0;
    InThreads([&](Client& client, int t) {
      if (t == 0) {
        const auto deleted = client.Do<ops::DeleteBucket, &DeleteBucket>({.bucket = "bkt"});
        is_deleted = deleted.has_value();
        if (!deleted) {
          EXPECT_EQ(CodeOf(deleted), "BucketNotEmpty");
        }
      } else if (t % 2 == 0) {
        const std::string code =
            CodeOf(client.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "k"}));
        EXPECT_TRUE(code.empty() || code == "NoSuchBucket") << code;
      } else {
        const std::string code = CodeOf(client.Put({.bucket = "bkt", .key = std::to_string(t)}, "x"));
        EXPECT_TRUE(code.empty() || code == "NoSuchBucket") << code;
        if (code.empty()) ++written;
      }
    });
    EXPECT_TRUE(!is_deleted || written == 0);
    if (is_deleted) continue;
    for (const store::Version& version : Versions()) {
      ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = version.key}));
    }
    ASSERT_EQ(CodeOf(world.Do<ops::DeleteBucket, &DeleteBucket>({.bucket = "bkt"})), "");
  }
}

}  // namespace
}  // namespace firmsign::s3
