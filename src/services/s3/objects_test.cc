// SPDX-License-Identifier: Apache-2.0
//
// Objects as clients see them: storing, reading, deleting, with and without versions (contract §8.3).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

using testing::ElementsAre;

// "key=version*" for every version and marker ('!'), newest first; '*' marks the latest.
std::vector<std::string> Versions(World& world, const std::string& bucket = "bkt") {
  const auto listing =
      Read(*world.database, [&](db::Reader& reader) { return store::ListVersions(reader, {.bucket = bucket}); });
  std::vector<std::string> told;
  for (const store::Version& version : listing->versions) {
    const std::string id = version.version_id == "null" ? "null" : "id";
    told.push_back(version.key + "=" + id + (version.is_delete_marker ? "!" : "") + (version.is_latest ? "*" : ""));
  }
  return told;
}

// The tests of this file hold for objects in the database and for objects in files.
class Objects : public testing::TestWithParam<std::size_t> {
 protected:
  World world{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(AtRest, Objects, testing::Values(0, 1024),
                         [](const auto& param) { return param.param == 0 ? "InFiles" : "InTheDatabase"; });

TEST_P(Objects, ComeBackAsTheyWereStored) {
  world.MakeBucket("bkt");
  const auto put = world.Put({.bucket = "bkt",
                              .cache_control = "no-store",
                              .content_type = "text/plain",
                              .key = "a/b c",
                              .metadata = aws::StringMap{{"build", "42"}}},
                             "hello");
  ASSERT_EQ(CodeOf(put), "");
  EXPECT_EQ(put->etag, "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(put->version_id, std::nullopt);
  EXPECT_TRUE(put->checksum_crc64nvme);
  const auto got = world.Get({.bucket = "bkt", .key = "a/b c", .checksum_mode = "ENABLED"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), "hello");
  EXPECT_EQ(got->content_length, 5);
  EXPECT_EQ(got->content_type, "text/plain");
  EXPECT_EQ(got->cache_control, "no-store");
  EXPECT_EQ(got->metadata->at("build"), "42");
  EXPECT_EQ(got->etag, put->etag);
  EXPECT_EQ(got->last_modified, world.clock.Now());
  EXPECT_EQ(got->checksum_crc64nvme, put->checksum_crc64nvme);
  EXPECT_EQ(got->version_id, std::nullopt);
  EXPECT_EQ(got->content_range, std::nullopt);
  EXPECT_EQ(world.FilesAtRest(), GetParam() == 0 ? 1 : 0);
}

TEST_P(Objects, MayBeEmpty) {
  world.MakeBucket("bkt");
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, "")), "");
  const auto got = world.Get({.bucket = "bkt", .key = "k"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), "");
  EXPECT_EQ(got->content_length, 0);
  EXPECT_EQ(got->content_type, "binary/octet-stream");
}

TEST_P(Objects, AreSentInPart) {
  world.MakeBucket("bkt");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "0123456789"));
  const auto part = world.Get({.bucket = "bkt", .key = "k", .range = "bytes=2-4"});
  ASSERT_EQ(CodeOf(part), "");
  EXPECT_EQ(ReadAll(part->body), "234");
  EXPECT_EQ(part->content_range, "bytes 2-4/10");
  EXPECT_EQ(part->content_length, 3);
  EXPECT_EQ(CodeOf(world.Get({.bucket = "bkt", .key = "k", .range = "bytes=10-"})), "InvalidRange");
  const auto head = world.Do<ops::HeadObject, &HeadObject>({.bucket = "bkt", .key = "k", .range = "bytes=-1"});
  EXPECT_EQ(head->content_range, "bytes 9-9/10");
}

TEST_P(Objects, AnswerConditionsAndOverrides) {
  world.MakeBucket("bkt");
  const auto put = world.Put({.bucket = "bkt", .key = "k"}, "x");
  const auto unchanged = world.Get({.bucket = "bkt", .if_none_match = *put->etag, .key = "k"});
  ASSERT_EQ(CodeOf(unchanged), "NotModified");
  EXPECT_THAT(unchanged.error().headers, testing::Contains(testing::Pair("ETag", *put->etag)));
  EXPECT_EQ(CodeOf(world.Get({.bucket = "bkt", .if_match = "\"other\"", .key = "k"})), "PreconditionFailed");
  const auto got = world.Get({.bucket = "bkt", .key = "k", .response_content_type = "a/b"});
  EXPECT_EQ(got->content_type, "a/b");
}

TEST_P(Objects, AreReplacedAndLeaveNoFileBehind) {
  world.MakeBucket("bkt");
  for (const char* bytes : {"one", "two", "three"}) ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, bytes));
  EXPECT_EQ(world.Bytes("bkt", "k"), "three");
  EXPECT_THAT(Versions(world), ElementsAre("k=null*"));
  EXPECT_EQ(world.FilesAtRest(), GetParam() == 0 ? 1 : 0);
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k"}));
  EXPECT_EQ(world.Bytes("bkt", "k"), "NoSuchKey");
  EXPECT_EQ(world.FilesAtRest(), 0);
  EXPECT_EQ(CodeOf(world.Delete({.bucket = "bkt", .key = "k"})), "");  // nothing there is fine
}

TEST_P(Objects, KeepEveryVersionInAVersionedBucket) {
  world.MakeBucket("bkt", "Enabled");
  const auto one = world.Put({.bucket = "bkt", .key = "k"}, "one");
  const auto two = world.Put({.bucket = "bkt", .key = "k"}, "two");
  ASSERT_TRUE(one->version_id && two->version_id);
  EXPECT_NE(one->version_id, two->version_id);
  EXPECT_EQ(world.Bytes("bkt", "k"), "two");
  EXPECT_EQ(world.Bytes("bkt", "k", one->version_id), "one");
  EXPECT_THAT(Versions(world), ElementsAre("k=id*", "k=id"));

  const auto marker = world.Delete({.bucket = "bkt", .key = "k"});
  ASSERT_TRUE(marker);
  EXPECT_EQ(marker->delete_marker, true);
  EXPECT_THAT(Versions(world), ElementsAre("k=id!*", "k=id", "k=id"));
  const auto hidden = world.Get({.bucket = "bkt", .key = "k"});
  ASSERT_EQ(CodeOf(hidden), "NoSuchKey");
  EXPECT_THAT(hidden.error().headers, testing::Contains(testing::Pair("x-amz-delete-marker", "true")));
  EXPECT_THAT(hidden.error().headers, testing::Contains(testing::Pair("x-amz-version-id", *marker->version_id)));
  const auto at_marker = world.Get({.bucket = "bkt", .key = "k", .version_id = marker->version_id});
  ASSERT_EQ(CodeOf(at_marker), "MethodNotAllowed");
  EXPECT_THAT(at_marker.error().headers, testing::Contains(testing::Pair("Allow", "DELETE")));
  EXPECT_EQ(world.Bytes("bkt", "k", two->version_id), "two");

  // Removing the marker brings the object back; removing its version brings back the one before.
  const auto unhidden = world.Delete({.bucket = "bkt", .key = "k", .version_id = marker->version_id});
  EXPECT_EQ(unhidden->delete_marker, true);
  EXPECT_EQ(unhidden->version_id, marker->version_id);
  EXPECT_EQ(world.Bytes("bkt", "k"), "two");
  const auto removed = world.Delete({.bucket = "bkt", .key = "k", .version_id = two->version_id});
  EXPECT_EQ(removed->delete_marker, std::nullopt);
  EXPECT_EQ(removed->version_id, two->version_id);
  EXPECT_EQ(world.Bytes("bkt", "k"), "one");
}

TEST_P(Objects, UseTheNullVersionWhileVersioningIsSuspended) {
  world.MakeBucket("bkt");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "before"));
  world.SetVersioning("bkt", "Enabled");
  const auto kept = world.Put({.bucket = "bkt", .key = "k"}, "kept");
  EXPECT_EQ(world.Bytes("bkt", "k", "null"), "before");
  EXPECT_THAT(Versions(world), ElementsAre("k=id*", "k=null"));

  world.SetVersioning("bkt", "Suspended");
  const auto null = world.Put({.bucket = "bkt", .key = "k"}, "suspended");
  EXPECT_EQ(null->version_id, "null");
  EXPECT_THAT(Versions(world), ElementsAre("k=null*", "k=id"));  // the old null version is gone
  EXPECT_EQ(world.Bytes("bkt", "k"), "suspended");
  EXPECT_EQ(world.Bytes("bkt", "k", kept->version_id), "kept");

  const auto marker = world.Delete({.bucket = "bkt", .key = "k"});
  EXPECT_EQ(marker->version_id, "null");
  EXPECT_EQ(marker->delete_marker, true);
  EXPECT_THAT(Versions(world), ElementsAre("k=null!*", "k=id"));
  EXPECT_EQ(world.Bytes("bkt", "k"), "NoSuchKey");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "again"));
  EXPECT_THAT(Versions(world), ElementsAre("k=null*", "k=id"));
}

TEST_P(Objects, TellBadVersionIdsApart) {
  world.MakeBucket("bkt");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "x"));
  EXPECT_EQ(world.Bytes("bkt", "k", "not a version"), "InvalidArgument");
  EXPECT_EQ(world.Bytes("bkt", "k", std::string(32, 'a')), "NoSuchVersion");
  EXPECT_EQ(world.Bytes("bkt", "k", "null"), "x");
  const auto deleted = world.Delete({.bucket = "bkt", .key = "k", .version_id = "null"});
  EXPECT_EQ(deleted->version_id, "null");
  EXPECT_EQ(world.Bytes("bkt", "k"), "NoSuchKey");
}

TEST_P(Objects, AreWrittenOnlyIfTheConditionHolds) {
  world.MakeBucket("bkt", "Enabled");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_match = "\"e\"", .key = "k"}, "x")), "NoSuchKey");
  const auto first = world.Put({.bucket = "bkt", .if_none_match = "*", .key = "k"}, "x");
  ASSERT_EQ(CodeOf(first), "");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_none_match = "*", .key = "k"}, "y")), "PreconditionFailed");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_match = "\"e\"", .key = "k"}, "y")), "PreconditionFailed");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_none_match = "\"e\"", .key = "k"}, "y")), "NotImplemented");
  EXPECT_EQ(world.Bytes("bkt", "k"), "x");
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_match = *first->etag, .key = "k"}, "y")), "");
  EXPECT_EQ(world.Bytes("bkt", "k"), "y");
  // A delete marker counts as nothing.
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k"}));
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .if_none_match = "*", .key = "k"}, "z")), "");
  EXPECT_THAT(Versions(world), ElementsAre("k=id*", "k=id!", "k=id", "k=id"));
  EXPECT_EQ(world.FilesAtRest(), GetParam() == 0 ? 3 : 0);  // refused writes leave nothing
}

TEST_P(Objects, AreRefusedWhenADigestDoesNotMatch) {
  world.MakeBucket("bkt");
  const std::string right = EncodeBase64(crypto::DigestOf(crypto::Hash::kMd5, "hello"));
  const std::string wrong = EncodeBase64(crypto::DigestOf(crypto::Hash::kMd5, "hullo"));
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .content_md5 = wrong, .key = "k"}, "hello")), "BadDigest");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .content_md5 = "abc", .key = "k"}, "hello")), "InvalidDigest");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .checksum_crc32 = "AAAAAA==", .key = "k"}, "hello")), "BadDigest");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .checksum_crc32 = "AAAA", .key = "k"}, "hello")), "InvalidRequest");
  EXPECT_EQ(
      CodeOf(world.Put({.bucket = "bkt", .checksum_crc32 = "NhCmhg==", .checksum_sha1 = "x", .key = "k"}, "hello")),
      "InvalidRequest");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .checksum_xxhash3 = "x", .key = "k"}, "hello")), "NotImplemented");
  EXPECT_EQ(world.Bytes("bkt", "k"), "NoSuchKey");
  EXPECT_EQ(world.FilesAtRest(), 0);
  EXPECT_EQ(world.FilesBeingWritten(), 0);

  const auto put =
      world.Put({.bucket = "bkt", .content_md5 = right, .checksum_crc32 = "NhCmhg==", .key = "k"}, "hello");
  ASSERT_EQ(CodeOf(put), "");
  EXPECT_EQ(put->checksum_crc32, "NhCmhg==");
  EXPECT_EQ(put->checksum_type, "FULL_OBJECT");
}

TEST_P(Objects, VerifyChecksumsThatComeAsTrailers) {
  world.MakeBucket("bkt");
  // With and without the algorithm's announcement in a header.
  for (const bool announced : {true, false}) {
    PutObjectRequest input{.bucket = "bkt", .key = "k"};
    if (announced) input.checksum_algorithm = "CRC32";
    gateway::FakePayload right("hello");
    right.trailers_ = {{"x-amz-checksum-crc32", "NhCmhg=="}};
    const auto put = world.Do<ops::PutObject, &PutObject>(input, &right);
    ASSERT_EQ(CodeOf(put), "");
    EXPECT_EQ(put->checksum_crc32, "NhCmhg==");
    gateway::FakePayload wrong("hullo");
    wrong.trailers_ = {{"x-amz-checksum-crc32", "NhCmhg=="}};
    EXPECT_EQ(CodeOf(world.Do<ops::PutObject, &PutObject>(input, &wrong)), "BadDigest");
  }
  EXPECT_EQ(world.Bytes("bkt", "k"), "hello");
}

TEST_P(Objects, RefuseWhatIsNotBuiltInsteadOfIgnoringIt) {
  world.MakeBucket("bkt");
  EXPECT_EQ(CodeOf(world.Put({.acl = "public-read", .bucket = "bkt", .key = "k"}, "")),
            "AccessControlListNotSupported");
  EXPECT_EQ(CodeOf(world.Put({.acl = "private", .bucket = "bkt", .key = "k"}, "")), "");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k", .server_side_encryption = "aws:kms"}, "")),
            "NotImplemented");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k", .object_lock_mode = "GOVERNANCE"}, "")), "InvalidRequest");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = std::string(1025, 'k')}, "")), "KeyTooLongError");
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = std::string(1024, 'k')}, "")), "");
  const aws::StringMap much{{"a", std::string(2048, 'x')}};
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k", .metadata = much}, "")), "MetadataTooLarge");
}

TEST_P(Objects, AreCopiedWithTheirHeadersOrWithNewOnes) {
  world.MakeBucket("bkt", "Enabled");
  world.MakeBucket("other");
  const auto one = world.Put({.bucket = "bkt", .content_type = "a/b", .key = "dir/k 1"}, "one");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "dir/k 1"}, "two"));
  const auto copied = world.Do<ops::CopyObject, &CopyObject>(
      {.bucket = "other", .copy_source = "/bkt/dir/k%201?versionId=" + *one->version_id, .key = "copy"});
  ASSERT_EQ(CodeOf(copied), "");
  EXPECT_EQ(copied->copy_object_result->etag, one->etag);
  EXPECT_EQ(copied->copy_source_version_id, one->version_id);
  EXPECT_EQ(world.Bytes("other", "copy"), "one");
  EXPECT_EQ(world.Get({.bucket = "other", .key = "copy"})->content_type, "a/b");
  EXPECT_THAT(world.gateway.required, testing::Contains("s3:GetObjectVersion arn:aws:s3:::bkt/dir/k 1"));

  ASSERT_EQ(CodeOf(world.Do<ops::CopyObject, &CopyObject>({.bucket = "other",
                                                           .content_type = "c/d",
                                                           .copy_source = "other/copy",
                                                           .key = "copy",
                                                           .metadata_directive = "REPLACE"})),
            "");
  EXPECT_EQ(world.Get({.bucket = "other", .key = "copy"})->content_type, "c/d");
  EXPECT_EQ(
      CodeOf(world.Do<ops::CopyObject, &CopyObject>({.bucket = "other", .copy_source = "other/copy", .key = "copy"})),
      "InvalidRequest");
  EXPECT_EQ(
      CodeOf(world.Do<ops::CopyObject, &CopyObject>({.bucket = "other", .copy_source = "other/none", .key = "copy"})),
      "NoSuchKey");
  EXPECT_EQ(CodeOf(world.Do<ops::CopyObject, &CopyObject>(
                {.bucket = "other", .copy_source = "other/copy", .copy_source_if_match = "x", .key = "copy2"})),
            "PreconditionFailed");
}

TEST_P(Objects, AreDeletedManyAtATime) {
  world.MakeBucket("bkt", "Enabled");
  const auto one = world.Put({.bucket = "bkt", .key = "one"}, "1");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "two"}, "2"));
  const auto deleted = world.Do<ops::DeleteObjects, &DeleteObjects>(
      {.bucket = "bkt",
       .delete_ = {.objects = {{.key = "one", .version_id = one->version_id}, {.key = "two"}, {.key = "none"}}}});
  ASSERT_EQ(CodeOf(deleted), "");
  ASSERT_EQ(deleted->deleted->size(), 3u);
  EXPECT_EQ((*deleted->deleted)[0].version_id, one->version_id);
  EXPECT_EQ((*deleted->deleted)[1].delete_marker, true);
  EXPECT_THAT(Versions(world), ElementsAre("none=id!*", "two=id!*", "two=id"));
  EXPECT_THAT(world.gateway.required, testing::Contains("s3:DeleteObjectVersion arn:aws:s3:::bkt/one"));
  const auto quiet = world.Do<ops::DeleteObjects, &DeleteObjects>(
      {.bucket = "bkt",
       .delete_ = {.objects = {{.key = "two"}, {.key = "x", .version_id = "malformed"}}, .quiet = true}});
  EXPECT_FALSE(quiet->deleted);
  ASSERT_EQ(quiet->errors->size(), 1u);
  EXPECT_EQ(quiet->errors->front().code, "NoSuchVersion");
}

TEST(GetObject, SendsNothingWhenStoredBytesAreLost) {
  World world(0);
  world.MakeBucket("bkt");
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "k"}, "hello"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path() + "/objects")) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 3);
  }
  EXPECT_THAT(world.Bytes("bkt", "k"), testing::StartsWith("error: "));
}

}  // namespace
}  // namespace firmsign::s3
