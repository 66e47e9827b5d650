// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "services/s3/digesting.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kMinimum = 5 << 20;

class Multipart : public testing::Test {
 protected:
  Multipart() { world.MakeBucket("bkt"); }

  std::string Create(CreateMultipartUploadRequest input = {}) {
    input.bucket = "bkt";
    if (input.key.empty()) input.key = "k";
    world.clock.Advance(std::chrono::seconds(1));
    world.gateway.facts.now = world.clock.Now();
    const auto made = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>(std::move(input));
    EXPECT_EQ(CodeOf(made), "");
    return made ? *made->upload_id : "";
  }
  auto Upload(const std::string& upload, std::int64_t number, const std::string& bytes, UploadPartRequest input = {}) {
    input.bucket = "bkt";
    input.key = "k";
    input.part_number = number;
    input.upload_id = upload;
    gateway::FakePayload payload(bytes);
    return world.Do<ops::UploadPart, &UploadPart>(std::move(input), &payload);
  }
  CompletedPart Sent(const std::string& upload, std::int64_t number, const std::string& bytes) {
    const auto part = Upload(upload, number, bytes);
    EXPECT_EQ(CodeOf(part), "");
    return {.etag = part ? part->etag : "", .part_number = number};
  }
  auto Complete(const std::string& upload, std::vector<CompletedPart> parts,
                CompleteMultipartUploadRequest input = {}) {
    input.bucket = "bkt";
    input.key = "k";
    input.upload_id = upload;
    input.multipart_upload = {.parts = std::move(parts)};
    return world.Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(std::move(input));
  }

  World world;
  const std::string one = Pattern(kMinimum, 1);
  const std::string two = Pattern(kMinimum + 7, 2);
  const std::string three = "the last part may be small";
};

TEST_F(Multipart, MakesOneObjectOfItsParts) {
  const std::string upload = Create({.content_type = "a/b", .metadata = aws::StringMap{{"x", "y"}}});
  // Sent in another order, one of them twice, one of them not used.
  const CompletedPart last = Sent(upload, 10000, three);
  const CompletedPart first = Sent(upload, 1, one);
  Sent(upload, 3, "overwritten");
  const CompletedPart middle = Sent(upload, 3, two);
  Sent(upload, 7, "unused");
  EXPECT_EQ(world.FilesAtRest(), 4);
  const auto done = Complete(upload, {first, middle, last});
  ASSERT_EQ(CodeOf(done), "");
  EXPECT_EQ(world.FilesAtRest(), 3);

  const auto md5 = [](std::string_view bytes) { return crypto::DigestOf(crypto::Hash::kMd5, bytes); };
  EXPECT_EQ(done->etag, "\"" + EncodeHex(md5(md5(one) + md5(two) + md5(three))) + "-3\"");
  EXPECT_EQ(done->location, "http://localhost/bkt/k");
  const std::string whole = one + two + three;
  const auto got = world.Get({.bucket = "bkt", .key = "k", .checksum_mode = "ENABLED"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), whole);
  EXPECT_EQ(got->content_type, "a/b");
  EXPECT_EQ(got->metadata->at("x"), "y");
  // Nobody named an algorithm: the whole object's CRC-64, combined from the parts'.
  Digesting digesting(ChecksumKind::kCrc64Nvme);
  digesting.Update(whole);
  EXPECT_EQ(got->checksum_crc64nvme, EncodeBase64(digesting.Finish("").checksum));
  EXPECT_EQ(got->checksum_type, "FULL_OBJECT");

  // Ranges within a part and across parts.
  for (const auto& [first_byte, last_byte] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {10, 20}, {kMinimum - 1, kMinimum}, {kMinimum - 3, 2 * kMinimum + 10}, {0, whole.size() - 1}}) {
    const std::string range = "bytes=" + std::to_string(first_byte) + "-" + std::to_string(last_byte);
    const auto part = world.Get({.bucket = "bkt", .key = "k", .range = range});
    ASSERT_EQ(CodeOf(part), "");
    EXPECT_EQ(ReadAll(part->body), whole.substr(first_byte, last_byte - first_byte + 1)) << range;
  }
  const auto second = world.Get({.bucket = "bkt", .key = "k", .part_number = 2});
  EXPECT_EQ(ReadAll(second->body), two);
  EXPECT_EQ(second->parts_count, 3);
  EXPECT_EQ(CodeOf(world.Get({.bucket = "bkt", .key = "k", .part_number = 4})), "InvalidPartNumber");

  EXPECT_EQ(CodeOf(Complete(upload, {first, middle, last})), "NoSuchUpload");
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k"}));
  EXPECT_EQ(world.FilesAtRest(), 0);
}

TEST_F(Multipart, TellsNoRangeOfAnEmptyPart) {
  const std::string upload = Create();
  const CompletedPart first = Sent(upload, 1, one);
  ASSERT_EQ(CodeOf(Complete(upload, {first, Sent(upload, 2, "")})), "");
  const auto empty = world.Get({.bucket = "bkt", .key = "k", .part_number = 2});
  ASSERT_EQ(CodeOf(empty), "");
  EXPECT_EQ(empty->content_range, std::nullopt);
  EXPECT_EQ(empty->content_length, 0);
  EXPECT_EQ(ReadAll(empty->body), "");
  EXPECT_EQ(empty->parts_count, 2);
}

TEST_F(Multipart, MayBeEmpty) {
  const std::string upload = Create();
  ASSERT_EQ(CodeOf(Complete(upload, {Sent(upload, 1, "")})), "");
  EXPECT_EQ(world.Bytes("bkt", "k"), "");
}

TEST_F(Multipart, RefusesWhatDoesNotFit) {
  const std::string upload = Create();
  const CompletedPart first = Sent(upload, 1, "small");
  const CompletedPart second = Sent(upload, 2, "last");
  EXPECT_EQ(CodeOf(Complete(upload, {})), "MalformedXML");
  EXPECT_EQ(CodeOf(Complete(upload, {first, second})), "EntityTooSmall");
  EXPECT_EQ(CodeOf(Complete(upload, {second, first})), "InvalidPartOrder");
  EXPECT_EQ(CodeOf(Complete(upload, {first, first})), "InvalidPartOrder");
  EXPECT_EQ(CodeOf(Complete(upload, {{.etag = "\"0123\"", .part_number = 1}})), "InvalidPart");
  EXPECT_EQ(CodeOf(Complete(upload, {{.etag = first.etag, .part_number = 3}})), "InvalidPart");
  EXPECT_EQ(CodeOf(Complete(upload, {first}, {.mpu_object_size = 4})), "InvalidRequest");
  EXPECT_EQ(CodeOf(Complete("0123", {first})), "NoSuchUpload");
  EXPECT_EQ(CodeOf(Upload(upload, 0, "x")), "InvalidArgument");
  EXPECT_EQ(CodeOf(Upload(upload, 10001, "x")), "InvalidArgument");
  EXPECT_EQ(CodeOf(Upload("0123", 1, "x")), "NoSuchUpload");
  EXPECT_EQ(CodeOf(Upload(upload, 1, "x", {.content_md5 = EncodeBase64(std::string(16, 'x'))})), "BadDigest");
  EXPECT_EQ(world.Bytes("bkt", "k"), "NoSuchKey");
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, "there")), "");
  EXPECT_EQ(CodeOf(Complete(upload, {first}, {.if_none_match = "*"})), "PreconditionFailed");
  EXPECT_EQ(CodeOf(Complete(upload, {first})), "");  // nothing above has ended the upload
  EXPECT_EQ(world.Bytes("bkt", "k"), "small");
}

TEST_F(Multipart, ComposesChecksumsOfParts) {
  const std::string upload = Create({.checksum_algorithm = "SHA256"});
  const auto part = Upload(upload, 1, "hello");
  const std::string sha256 = crypto::DigestOf(crypto::Hash::kSha256, "hello");
  EXPECT_EQ(part->checksum_sha256, EncodeBase64(sha256));
  EXPECT_EQ(CodeOf(Upload(upload, 1, "hello", {.checksum_crc32 = "NhCmhg=="})), "InvalidRequest");
  const std::string composite = EncodeBase64(crypto::DigestOf(crypto::Hash::kSha256, sha256)) + "-1";
  EXPECT_EQ(CodeOf(Complete(upload, {{.etag = part->etag, .checksum_sha256 = "AAAA", .part_number = 1}})),
            "InvalidPart");
  EXPECT_EQ(CodeOf(Complete(upload, {{.etag = part->etag, .part_number = 1}}, {.checksum_sha256 = "AAAA"})),
            "BadDigest");
  const auto done = Complete(upload, {{.etag = part->etag, .checksum_sha256 = part->checksum_sha256, .part_number = 1}},
                             {.checksum_sha256 = composite});
  ASSERT_EQ(CodeOf(done), "");
  EXPECT_EQ(done->checksum_sha256, composite);
  EXPECT_EQ(done->checksum_type, "COMPOSITE");
}

TEST_F(Multipart, TakesTheClientsChecksumsWhenTheUploadNamesNone) {
  const auto checksum_of = [](ChecksumKind kind, std::string_view bytes) {
    crypto::Checksum checksum(kind);
    checksum.Update(bytes);
    return EncodeBase64(checksum.Finish());
  };
  const std::string crc32 = checksum_of(ChecksumKind::kCrc32, one);
  const std::string sha256 = EncodeBase64(crypto::DigestOf(crypto::Hash::kSha256, three));
  const std::string upload = Create();
  EXPECT_EQ(CodeOf(Upload(upload, 1, one, {.checksum_crc32 = "AAAAAA=="})), "BadDigest");
  const auto first = Upload(upload, 1, one, {.checksum_crc32 = crc32});
  ASSERT_EQ(CodeOf(first), "");
  EXPECT_EQ(first->checksum_crc32, crc32);
  const auto last = Upload(upload, 2, three, {.checksum_sha256 = sha256});
  ASSERT_EQ(CodeOf(last), "");
  EXPECT_EQ(last->checksum_sha256, sha256);
  CompletedPart told = {.etag = first->etag, .checksum_crc32 = "AAAAAA==", .part_number = 1};
  const CompletedPart end = {.etag = last->etag, .checksum_sha256 = sha256, .part_number = 2};
  EXPECT_EQ(CodeOf(Complete(upload, {told, end})), "InvalidPart");
  told.checksum_crc32 = crc32;
  const auto done = Complete(upload, {told, end});
  ASSERT_EQ(CodeOf(done), "");
  EXPECT_EQ(done->checksum_crc64nvme, checksum_of(ChecksumKind::kCrc64Nvme, one + three));

  // What names an algorithm takes no other.
  const std::string strict = Create({.checksum_algorithm = "SHA256"});
  EXPECT_EQ(CodeOf(Upload(strict, 1, one, {.checksum_crc32 = crc32})), "InvalidRequest");
}

TEST_F(Multipart, RefusesImpossibleChecksumTypes) {
  const auto create = [&](std::optional<std::string> algorithm, std::optional<std::string> type) {
    return CodeOf(world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>(
        {.bucket = "bkt", .key = "k", .checksum_algorithm = std::move(algorithm), .checksum_type = std::move(type)}));
  };
  EXPECT_EQ(create("SHA1", "FULL_OBJECT"), "InvalidRequest");
  EXPECT_EQ(create("CRC64NVME", "COMPOSITE"), "InvalidRequest");
  EXPECT_EQ(create(std::nullopt, "COMPOSITE"), "InvalidRequest");
  EXPECT_EQ(create("XXHASH3", std::nullopt), "NotImplemented");
  EXPECT_EQ(create("CRC32", "FULL_OBJECT"), "");
}

TEST_F(Multipart, TakesPartsFromOtherObjects) {
  ASSERT_TRUE(world.Put({.bucket = "bkt", .key = "source"}, one + three));
  const std::string upload = Create();
  const auto copy = [&](std::int64_t number, std::optional<std::string> range) {
    return world.Do<ops::UploadPartCopy, &UploadPartCopy>({.bucket = "bkt",
                                                           .copy_source = "bkt/source",
                                                           .copy_source_range = std::move(range),
                                                           .key = "k",
                                                           .part_number = number,
                                                           .upload_id = upload});
  };
  const auto first = copy(1, std::nullopt);
  ASSERT_EQ(CodeOf(first), "");
  const std::string middle = std::to_string(kMinimum);
  const auto second = copy(2, "bytes=" + middle + "-" + std::to_string(kMinimum + three.size() - 1));
  ASSERT_EQ(CodeOf(second), "");
  for (const std::string range : {"bytes=0-99999999", "bytes=5-", "bytes=-5", "0-1", "bytes=1-0"}) {
    EXPECT_EQ(CodeOf(copy(3, range)), "InvalidArgument") << range;
  }
  EXPECT_THAT(world.gateway.required, testing::Contains("s3:GetObject arn:aws:s3:::bkt/source"));
  const auto done = Complete(upload, {{.etag = first->copy_part_result->etag, .part_number = 1},
                                      {.etag = second->copy_part_result->etag, .part_number = 2}});
  ASSERT_EQ(CodeOf(done), "");
  EXPECT_EQ(world.Bytes("bkt", "k"), one + three + three);
}

TEST_F(Multipart, ListsPartsAndForgetsThemWhenAborted) {
  const std::string upload = Create();
  for (const std::int64_t number : {5, 1, 9}) Sent(upload, number, "part " + std::to_string(number));
  const auto page =
      world.Do<ops::ListParts, &ListParts>({.bucket = "bkt", .key = "k", .max_parts = 2, .upload_id = upload});
  ASSERT_EQ(CodeOf(page), "");
  ASSERT_EQ(page->parts->size(), 2u);
  EXPECT_EQ((*page->parts)[0].part_number, 1);
  EXPECT_EQ((*page->parts)[1].part_number, 5);
  EXPECT_EQ(page->is_truncated, true);
  EXPECT_EQ(page->next_part_number_marker, 5);
  const auto rest =
      world.Do<ops::ListParts, &ListParts>({.bucket = "bkt", .key = "k", .part_number_marker = 5, .upload_id = upload});
  ASSERT_EQ(rest->parts->size(), 1u);
  EXPECT_EQ((*rest->parts)[0].size, 6);
  EXPECT_EQ(rest->is_truncated, false);

  const auto abort = [&] {
    return CodeOf(
        world.Do<ops::AbortMultipartUpload, &AbortMultipartUpload>({.bucket = "bkt", .key = "k", .upload_id = upload}));
  };
  EXPECT_EQ(abort(), "");
  EXPECT_EQ(world.FilesAtRest(), 0);
  EXPECT_EQ(abort(), "NoSuchUpload");
  EXPECT_EQ(CodeOf(world.Do<ops::ListParts, &ListParts>({.bucket = "bkt", .key = "k", .upload_id = upload})),
            "NoSuchUpload");
}

TEST_F(Multipart, ListsUploadsByKeyAndTime) {
  std::vector<std::string> wanted;
  for (const char* key : {"a", "a", "a", "b/1", "b/2", "c"})
    wanted.push_back(std::string(key) + " " + Create({.key = key}));
  for (const int limit : {1, 2, 3, 1000}) {
    std::vector<std::string> told;
    std::optional<std::string> key_marker;
    std::optional<std::string> upload_marker;
    for (bool more = true; more;) {
      const auto page = world.Do<ops::ListMultipartUploads, &ListMultipartUploads>(
          {.bucket = "bkt", .key_marker = key_marker, .max_uploads = limit, .upload_id_marker = upload_marker});
      ASSERT_EQ(CodeOf(page), "");
      for (const MultipartUpload& upload : *page->uploads) told.push_back(*upload.key + " " + *upload.upload_id);
      more = *page->is_truncated;
      key_marker = page->next_key_marker;
      upload_marker = page->next_upload_id_marker;
    }
    EXPECT_EQ(told, wanted) << limit;
  }
  const auto grouped =
      world.Do<ops::ListMultipartUploads, &ListMultipartUploads>({.bucket = "bkt", .delimiter = "/", .max_uploads = 4});
  EXPECT_EQ(grouped->uploads->size(), 3u);
  ASSERT_EQ(grouped->common_prefixes->size(), 1u);
  EXPECT_EQ(grouped->common_prefixes->front().prefix, "b/");
  EXPECT_EQ(grouped->next_key_marker, "b/");
  const auto after = world.Do<ops::ListMultipartUploads, &ListMultipartUploads>(
      {.bucket = "bkt", .delimiter = "/", .key_marker = "b/"});
  EXPECT_EQ(after->uploads->size(), 1u);
  EXPECT_TRUE(after->common_prefixes->empty());
}

}  // namespace
}  // namespace firmsign::s3
