// SPDX-License-Identifier: Apache-2.0
//
// Objects encrypted at rest: what lies there, who can read it, and that nobody else sees a difference.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "services/s3/object_store.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kInline = 1000;
const std::string kMark = "this text must not lie anywhere as it is";

// `bytes` long, with the mark at its beginning, in its middle and at its end.
std::string Marked(std::size_t bytes) {
  std::string text = Pattern(bytes);
  text.replace(0, kMark.size(), kMark);
  text.replace(bytes / 2, kMark.size(), kMark);
  text.replace(bytes - kMark.size(), kMark.size(), kMark);
  return text;
}

class Encryption : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  Encryption() { world.MakeBucket("bkt", "Enabled"); }

  void Encrypt(bool encrypts) {
    blobs_.push_back(*Blobs::Open(world.OptionsOf(/*has_folder=*/true, kInline, encrypts), world.random));
    service = std::make_unique<Service>(
        Service{*world.database, world.clock, world.random, *blobs_.back(), world.policies, world.principals});
  }
  void ForgetTheKey() {
    BlobOptions options = world.OptionsOf(/*has_folder=*/true, kInline, /*encrypts=*/false);
    options.key = SecretBytes();
    blobs_.push_back(*Blobs::Open(std::move(options), world.random));
    service = std::make_unique<Service>(
        Service{*world.database, world.clock, world.random, *blobs_.back(), world.policies, world.principals});
  }

  template <class Op, auto Handle>
  auto Do(typename Op::Input input, gateway::Payload* payload = nullptr) {
    return world.gateway.Call<Op, &ResolveBucket<Op>, Handle>(*service, std::move(input), payload);
  }
  auto Put(const std::string& key, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    return Do<ops::PutObject, &PutObject>({.bucket = "bkt", .key = key}, &payload);
  }
  auto Get(GetObjectRequest input) {
    input.bucket = "bkt";
    return Do<ops::GetObject, &GetObject>(std::move(input));
  }
  CompletedPart Part(const std::string& upload, std::int64_t number, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    const auto put = Do<ops::UploadPart, &UploadPart>(
        {.bucket = "bkt", .key = "parts", .part_number = number, .upload_id = upload}, &payload);
    EXPECT_EQ(CodeOf(put), "");
    return {.etag = put->etag, .part_number = number};
  }

  // In how many files and rows the mark can be read.
  int Readable() {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path())) {
      if (!entry.is_regular_file()) continue;
      count += files::ReadWholeFile(entry.path().string(), std::size_t{64} << 20)->contains(kMark) ? 1 : 0;
    }
    EXPECT_TRUE(world.database->Read([&](db::Reader& reader) {
      return reader.Query("SELECT data FROM s3_blobs WHERE in_file = 0",
                          [&](const db::Row& row) { count += row.String(0).contains(kMark) ? 1 : 0; });
    }));
    return count;
  }

  World world{kInline, GetParam()};
  std::vector<std::unique_ptr<Blobs>> blobs_;
  std::unique_ptr<Service> service;
};
INSTANTIATE_TEST_SUITE_P(Databases, Encryption, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(Encryption, HidesTheBytesInFilesAndInRows) {
  Encrypt(true);
  for (const std::size_t size : {kInline, std::size_t{300'000}}) {
    const std::string bytes = Marked(size);
    const auto put = Put("k", bytes);
    ASSERT_EQ(CodeOf(put), "");
    EXPECT_EQ(put->server_side_encryption, "AES256");
    const auto got = Get({.key = "k"});
    ASSERT_EQ(CodeOf(got), "");
    EXPECT_EQ(ReadAll(got->body), bytes);
    EXPECT_EQ(got->server_side_encryption, "AES256");
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}, std::size_t{17}, size - 40}) {
      const std::string range = "bytes=" + std::to_string(first) + "-" + std::to_string(first + 38);
      EXPECT_EQ(ReadAll(Get({.key = "k", .range = range})->body), bytes.substr(first, 39));
    }
    ASSERT_EQ(CodeOf(Do<ops::CopyObject, &CopyObject>({.bucket = "bkt", .copy_source = "bkt/k", .key = "copy"})), "");
    EXPECT_EQ(ReadAll(Get({.key = "copy"})->body), bytes);
  }
  EXPECT_EQ(Readable(), 0);
  Encrypt(false);
  ASSERT_EQ(CodeOf(Put("plain", Marked(300'000))), "");
  EXPECT_EQ(Readable(), 1);
}

TEST_P(Encryption, OfNewBytesDoesNotConcernWhatLiesThereAlready) {
  Encrypt(false);
  ASSERT_EQ(CodeOf(Put("before", Marked(300'000))), "");
  const auto made = Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "parts"});
  const std::string one = Marked(5 << 20);
  std::vector<CompletedPart> parts{Part(*made->upload_id, 1, one)};
  Encrypt(true);
  parts.push_back(Part(*made->upload_id, 2, "the end, encrypted"));
  const auto completed = Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
      {.bucket = "bkt", .key = "parts", .multipart_upload = {{.parts = parts}}, .upload_id = *made->upload_id});
  ASSERT_EQ(CodeOf(completed), "");
  EXPECT_EQ(ReadAll(Get({.key = "before"})->body), Marked(300'000));
  const auto mixed = Get({.key = "parts"});
  EXPECT_EQ(ReadAll(mixed->body), one + "the end, encrypted");
  EXPECT_EQ(mixed->server_side_encryption, std::nullopt);
  Encrypt(false);
  EXPECT_EQ(ReadAll(Get({.key = "parts", .part_number = 2})->body), "the end, encrypted");
}

TEST_P(Encryption, GivesNothingWithoutTheKey) {
  Encrypt(true);
  ASSERT_EQ(CodeOf(Put("row", Marked(kInline))), "");
  ASSERT_EQ(CodeOf(Put("file", Marked(300'000))), "");
  ForgetTheKey();
  for (const char* key : {"row", "file"}) {
    EXPECT_EQ(CodeOf(Get({.key = key})), "error: a stored object is encrypted, and there is no key for it");
  }
}

TEST_P(Encryption, GivesEqualObjectsUnequalBytes) {
  Encrypt(true);
  const std::string bytes = Marked(kInline);
  ASSERT_EQ(CodeOf(Put("a", bytes)), "");
  ASSERT_EQ(CodeOf(Put("b", bytes)), "");
  std::vector<std::string> data;
  ASSERT_TRUE(world.database->Read([&](db::Reader& reader) {
    data.clear();
    return reader.Query("SELECT data FROM s3_blobs", [&](const db::Row& row) { data.push_back(row.String(0)); });
  }));
  ASSERT_EQ(data.size(), 2U);
  EXPECT_NE(data[0], data[1]);
}

TEST_P(Encryption, IsUndoneForTheSigner) {
  Encrypt(true);
  for (const std::size_t size : {kInline, std::size_t{300'000}}) {
    const auto put = Put("image", Marked(size));
    EmbeddedObjectStore store(*service);
    const auto grant =
        policy::Grant::Stored("a test", "s3:GetObjectVersion", "arn:aws:s3:::bkt/image", AccountId("111122223333"));
    auto reader = store.Open(grant, {.bucket = "bkt", .key = "image", .version = *put->version_id});
    ASSERT_TRUE(reader);
    std::string read(100, '\0');
    ASSERT_EQ(*(*reader)->ReadAt(333, read), 100U);
    EXPECT_EQ(read, Marked(size).substr(333, 100));
  }
}

}  // namespace
}  // namespace firmsign::s3
