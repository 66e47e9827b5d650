// SPDX-License-Identifier: Apache-2.0
//
// The port as the signer uses it.

#include "services/s3/object_store.h"

#include <gtest/gtest.h>

#include "platform/crypto/digest.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

const AccountId kOwner("111122223333");

policy::Grant MayRead(const std::string& key, const AccountId& account = kOwner) {
  return policy::Grant::Stored("a test", "s3:GetObjectVersion", "arn:aws:s3:::bkt/" + key, account);
}
policy::Grant MayWrite(const std::string& key, const AccountId& account = kOwner) {
  return policy::Grant::Stored("a test", "s3:PutObject", "arn:aws:s3:::bkt/" + key, account);
}

// The tests of this file hold for objects in the database and for objects in files.
class ObjectStore : public testing::TestWithParam<std::size_t> {
 protected:
  ObjectStore() { world.MakeBucket("bkt", "Enabled"); }

  std::unique_ptr<ports::StagedObject> Stage(const std::string& bytes) {
    auto writer = *store.Stage(bytes.size());
    EXPECT_TRUE(writer->Append(bytes.substr(0, bytes.size() / 2)));
    EXPECT_TRUE(writer->Append(bytes.substr(bytes.size() / 2)));
    return *writer->Finish();
  }
  Expected<std::string> Publish(const ports::StagedObject& object, const std::string& key, const policy::Grant& grant) {
    return Write(*world.database, [&](db::Transaction& transaction) {
      return store.Publish(transaction, grant, "bkt", key, "application/json", object, ports::Pace::kAwaited);
    });
  }
  std::string ReadWhole(ports::ObjectReader& reader, std::size_t step) {
    std::string all;
    std::string buffer(step, '\0');
    while (true) {
      const auto count = reader.ReadAt(all.size(), buffer);
      if (!count) return "error: " + count.error().message;
      if (*count == 0) return all;
      all.append(buffer, 0, *count);
    }
  }

  World world{GetParam()};
  EmbeddedObjectStore store{world.service};
};
INSTANTIATE_TEST_SUITE_P(AtRest, ObjectStore, testing::Values(0, 1024),
                         [](const auto& param) { return param.param == 0 ? "InFiles" : "InTheDatabase"; });

TEST_P(ObjectStore, ReadsWhatClientsStored) {
  const auto put = world.Put({.bucket = "bkt", .key = "image"}, "0123456789");
  const ports::ObjectName name{.bucket = "bkt", .key = "image", .version = *put->version_id};
  const auto found = store.FindObject(name);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bucket.owner, kOwner);
  const auto& facts = found->object;
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->size, 10u);
  EXPECT_EQ(facts->sha256, crypto::DigestOf(crypto::Hash::kSha256, "0123456789"));
  auto reader = store.Open(MayRead("image"), name);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->facts().size, 10u);
  EXPECT_EQ(ReadWhole(**reader, 3), "0123456789");
  EXPECT_EQ(ReadWhole(**reader, 100), "0123456789");
  char byte = 0;
  EXPECT_EQ(*(*reader)->ReadAt(10, {&byte, 1}), 0u);
  EXPECT_EQ(*(*reader)->ReadAt(1000, {&byte, 1}), 0u);
}

TEST_P(ObjectStore, FindsBucketsAndTellsWhatIsMissing) {
  const auto bucket = store.FindBucket("bkt");
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->owner, kOwner);
  EXPECT_EQ(bucket->region, Region("us-east-1"));
  EXPECT_EQ(store.FindBucket("other").error().code, Code::kNotFound);
  const auto marker = world.Delete({.bucket = "bkt", .key = "k"});
  for (const std::string& version : {*marker->version_id, std::string("null"), std::string("bad")}) {
    const auto found = store.FindObject({.bucket = "bkt", .key = "k", .version = version});
    ASSERT_TRUE(found) << version;
    EXPECT_FALSE(found->object) << version;
  }
  EXPECT_EQ(store.FindObject({.bucket = "other", .key = "k", .version = "null"}).error().code, Code::kNotFound);
}

TEST_P(ObjectStore, PublishesInTheCallersTransaction) {
  const auto staged = Stage("signed object");
  EXPECT_EQ(staged->size(), 13u);
  EXPECT_EQ(world.Bytes("bkt", "out"), "NoSuchKey");

  // A transaction that fails publishes nothing, and the object can be published again.
  const auto failed = world.database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(
        store.Publish(transaction, MayWrite("out"), "bkt", "out", "application/json", *staged, ports::Pace::kAwaited));
    return Fail(Code::kConflict, "another worker has the lease");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(world.Bytes("bkt", "out"), "NoSuchKey");

  const auto version = Publish(*staged, "out", MayWrite("out"));
  ASSERT_TRUE(version);
  store.Published(*staged);
  const auto got = world.Get({.bucket = "bkt", .key = "out"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), "signed object");
  EXPECT_EQ(got->version_id, *version);
  EXPECT_EQ(got->content_type, "application/json");
  const std::string sha256 = crypto::Sha256Hex("signed object");
  EXPECT_EQ(got->etag, "\"" + sha256.substr(0, 32) + "-1\"");
}

TEST_P(ObjectStore, DoesNotRelyOnABucketThatHasChangedSinceItWasRead) {
  const auto publish = [&](const ports::StagedObject& object, ports::Pace pace) -> Expected<std::string> {
    std::string version;
    RETURN_IF_ERROR(world.database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      ASSIGN_OR_RETURN(version, store.Publish(transaction, MayWrite("out"), "bkt", "out", "", object, pace));
      return {};
    }));
    return version;
  };
  ASSERT_TRUE(store.FindBucket("bkt"));
  const auto first = Stage("first");
  const auto version = publish(*first, ports::Pace::kPosted);
  ASSERT_TRUE(version) << version.error().message;
  store.Published(*first);
  EXPECT_NE(*version, "null");
  EXPECT_EQ(world.Bytes("bkt", "out"), "first");

  world.SetVersioning("bkt", "Suspended");
  const auto second = Stage("second");
  EXPECT_EQ(publish(*second, ports::Pace::kPosted).error().code, Code::kConflict);
  EXPECT_EQ(world.Bytes("bkt", "out"), "first");
  EXPECT_EQ(*publish(*second, ports::Pace::kAwaited), "null");
  store.Published(*second);
  EXPECT_EQ(world.Bytes("bkt", "out"), "second");
  const auto third = Stage("third");
  EXPECT_EQ(*publish(*third, ports::Pace::kPosted), "null") << "by now it knows";
  store.Published(*third);
  EXPECT_EQ(world.Bytes("bkt", "out"), "third");
}

TEST_P(ObjectStore, ReplacesTheNullVersionOfAPlainBucket) {
  world.MakeBucket("plain");
  ASSERT_TRUE(world.Put({.bucket = "plain", .key = "out"}, "before"));
  const auto staged = Stage("after");
  const policy::Grant grant = policy::Grant::Stored("a test", "s3:PutObject", "arn:aws:s3:::plain/out", kOwner);
  const auto version = Write(*world.database, [&](db::Transaction& transaction) {
    return store.Publish(transaction, grant, "plain", "out", "", *staged, ports::Pace::kAwaited);
  });
  ASSERT_TRUE(version);
  store.Published(*staged);
  EXPECT_EQ(*version, "null");
  EXPECT_EQ(world.Bytes("plain", "out"), "after");
  EXPECT_EQ(world.FilesAtRest(), GetParam() == 0 ? 1 : 0);
}

TEST_P(ObjectStore, DiscardsWhatIsNotPublished) {
  {
    const auto staged = Stage("never published");
  }
  EXPECT_EQ(world.FilesAtRest(), 0);
  {
    auto writer = *store.Stage(5000);
    ASSERT_TRUE(writer->Append(std::string(5000, 'x')));
    EXPECT_EQ(world.FilesBeingWritten(), 1);
  }
  EXPECT_EQ(world.FilesBeingWritten(), 0);
}

TEST_P(ObjectStore, KeepsToItsGrants) {
  const auto put = world.Put({.bucket = "bkt", .key = "image"}, "x");
  const ports::ObjectName name{.bucket = "bkt", .key = "image", .version = *put->version_id};
  EXPECT_EQ(store.Open(MayWrite("image"), name).error().code, Code::kDenied);
  EXPECT_EQ(store.Open(MayRead("other"), name).error().code, Code::kDenied);
  EXPECT_EQ(store.Open(MayRead("image", AccountId("999988887777")), name).error().code, Code::kDenied);
  const auto staged = Stage("bytes");
  EXPECT_EQ(Publish(*staged, "out", MayRead("out")).error().code, Code::kDenied);
  EXPECT_EQ(Publish(*staged, "out", MayWrite("image")).error().code, Code::kDenied);
  EXPECT_EQ(Publish(*staged, "out", MayWrite("out", AccountId("999988887777"))).error().code, Code::kDenied);
  EXPECT_EQ(world.Bytes("bkt", "out"), "NoSuchKey");
}

TEST(EmbeddedObjectStore, TellsBytesOfTheVersionNullApart) {
  World world;
  world.MakeBucket("bkt");
  EmbeddedObjectStore store(world.service);
  const ports::ObjectName name{.bucket = "bkt", .key = "k", .version = "null"};
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, "first")), "");
  const std::string first = store.FindObject(name)->object->content_id;
  EXPECT_EQ((*store.Open(MayRead("k"), name))->facts().content_id, first);
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, "first")), "");
  EXPECT_NE(store.FindObject(name)->object->content_id, first);
}

TEST(EmbeddedObjectStore, ReadsUploadsInPartsAndRemembersTheirDigest) {
  World world;
  world.MakeBucket("bkt", "Enabled");
  EmbeddedObjectStore store(world.service);
  const std::string first = Pattern(5 << 20);
  const std::string second = Pattern(1000, 2);
  const auto upload = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "k"});
  std::vector<CompletedPart> parts;
  for (const std::string& bytes : {first, std::string(second)}) {
    gateway::FakePayload payload(bytes);
    const auto number = static_cast<std::int64_t>(parts.size() + 1);
    const auto part = world.Do<ops::UploadPart, &UploadPart>(
        {.bucket = "bkt", .key = "k", .part_number = number, .upload_id = *upload->upload_id}, &payload);
    parts.push_back({.etag = part->etag, .part_number = number});
  }
  const auto done = world.Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
      {.bucket = "bkt", .key = "k", .multipart_upload = {{.parts = parts}}, .upload_id = *upload->upload_id});
  ASSERT_EQ(CodeOf(done), "");
  const ports::ObjectName name{.bucket = "bkt", .key = "k", .version = *done->version_id};
  EXPECT_EQ(store.FindObject(name)->object->sha256, std::nullopt);

  auto reader = store.Open(MayRead("k"), name);
  ASSERT_TRUE(reader);
  std::string across(30, '\0');
  std::size_t got = 0;
  while (got < across.size()) {
    const auto count = (*reader)->ReadAt(first.size() - 10 + got, std::span(across).subspan(got));
    ASSERT_TRUE(count && *count > 0);
    got += *count;
  }
  EXPECT_EQ(across, first.substr(first.size() - 10) + second.substr(0, 20));

  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, first + second);
  const std::string content = (*reader)->facts().content_id;
  store.RememberSha256(name, "of bytes that were here before", digest);
  EXPECT_EQ(store.FindObject(name)->object->sha256, std::nullopt);
  store.RememberSha256(name, content, digest);
  EXPECT_EQ(store.FindObject(name)->object->sha256, digest);
  store.RememberSha256(name, content, std::string(32, 'x'));  // what is known stays
  EXPECT_EQ(store.FindObject(name)->object->sha256, digest);
}

}  // namespace
}  // namespace firmsign::s3
