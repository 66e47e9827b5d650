// SPDX-License-Identifier: Apache-2.0
//
// A deployment without a folder for objects: all bytes lie in the database, up to a limit that clients are told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "services/s3/object_store.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

using testing::HasSubstr;

constexpr std::size_t kPart = 5 << 20;
constexpr std::size_t kLimit = 2 * kPart + 100;

class WithoutFolder : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  WithoutFolder() { world.MakeBucket("bkt", "Enabled"); }

  std::string Create(const std::string& key) {
    const auto made = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = key});
    EXPECT_EQ(CodeOf(made), "");
    return *made->upload_id;
  }
  auto Upload(const std::string& key, const std::string& upload, std::int64_t number, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    return world.Do<ops::UploadPart, &UploadPart>(
        {.bucket = "bkt", .key = key, .part_number = number, .upload_id = upload}, &payload);
  }
  auto Complete(const std::string& key, const std::string& upload, std::vector<CompletedPart> parts) {
    return world.Do<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
        {.bucket = "bkt", .key = key, .multipart_upload = {{.parts = std::move(parts)}}, .upload_id = upload});
  }
  std::string Range(const std::string& key, std::size_t first, std::size_t last) {
    const std::string range = "bytes=" + std::to_string(first) + "-" + std::to_string(last);
    const auto got = world.Get({.bucket = "bkt", .key = key, .range = range});
    return got ? ReadAll(got->body) : CodeOf(got);
  }
  // Like a node that was started again with a folder.
  void GiveAFolder() {
    with_folder = *Blobs::Open(world.OptionsOf(/*has_folder=*/true, 10, world.blobs->options().encrypts), world.random);
    served = std::make_unique<Service>(
        Service{*world.database, world.clock, world.random, *with_folder, world.policies, world.principals});
  }

  World world{kLimit, GetParam(), /*has_folder=*/false};
  std::unique_ptr<Blobs> with_folder;
  std::unique_ptr<Service> served;
  const std::string one = Pattern(kPart, 1);
  const std::string two = Pattern(kPart, 2);
};
INSTANTIATE_TEST_SUITE_P(Databases, WithoutFolder, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(WithoutFolder, KeepsObjectsInTheDatabaseUpToTheLimit) {
  const std::string largest = Pattern(kLimit);
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, largest)), "");
  EXPECT_EQ(world.Bytes("bkt", "k"), largest);
  EXPECT_EQ(Range("k", 100, 199), largest.substr(100, 100));
  EXPECT_FALSE(std::filesystem::exists(world.folder.path() + "/objects"));

  const auto refused = world.Put({.bucket = "bkt", .key = "k"}, largest + "x");
  EXPECT_EQ(CodeOf(refused), "EntityTooLarge");
  EXPECT_THAT(refused.error().message, HasSubstr("up to " + std::to_string(kLimit) + " bytes"));
  EXPECT_THAT(refused.error().message, HasSubstr("s3.objects_folder"));
  EXPECT_EQ(world.Bytes("bkt", "k"), largest);
}

// Says no length, so that only counting can refuse it, and gives endless bytes.
class EndlessPayload final : public gateway::Payload {
 public:
  Expected<std::size_t> Read(std::span<char> out) override {
    std::ranges::fill(out, 'x');
    given += out.size();
    return out.size();
  }
  std::optional<std::uint64_t> declared_bytes() const override { return std::nullopt; }
  const std::string& sha256() const override { return none_; }
  const std::vector<std::pair<std::string, std::string>>& trailers() const override { return no_trailers_; }
  const std::optional<aws::ApiError>& failure() const override { return failure_; }

  std::size_t given = 0;

 private:
  std::string none_;
  std::vector<std::pair<std::string, std::string>> no_trailers_;
  std::optional<aws::ApiError> failure_;
};

TEST_P(WithoutFolder, StopsReadingABodyThatDoesNotFit) {
  EndlessPayload payload;
  const auto put = world.Do<ops::PutObject, &PutObject>({.bucket = "bkt", .key = "k"}, &payload);
  EXPECT_EQ(CodeOf(put), "EntityTooLarge");
  EXPECT_LE(payload.given, kLimit + (1 << 20));
  const std::string upload = Create("k");
  const auto part = world.Do<ops::UploadPart, &UploadPart>(
      {.bucket = "bkt", .key = "k", .part_number = 1, .upload_id = upload}, &payload);
  EXPECT_EQ(CodeOf(part), "EntityTooLarge");
}

TEST_P(WithoutFolder, ReadsUploadsInParts) {
  const std::string upload = Create("k");
  const std::string three = "the end";
  const auto first = Upload("k", upload, 1, one);
  ASSERT_EQ(CodeOf(first), "");
  ASSERT_EQ(CodeOf(Upload("k", upload, 2, "to be replaced")), "");
  const auto second = Upload("k", upload, 2, two);
  const auto third = Upload("k", upload, 3, three);
  ASSERT_EQ(CodeOf(Complete("k", upload,
                            {{.etag = first->etag, .part_number = 1},
                             {.etag = second->etag, .part_number = 2},
                             {.etag = third->etag, .part_number = 3}})),
            "");
  const std::string whole = one + two + three;
  EXPECT_EQ(world.Bytes("bkt", "k"), whole);
  EXPECT_EQ(Range("k", kPart - 5, kPart + 4), whole.substr(kPart - 5, 10));
  EXPECT_EQ(Range("k", 2 * kPart, whole.size() - 1), three);
  const auto got = world.Get({.bucket = "bkt", .key = "k", .part_number = 2});
  EXPECT_EQ(ReadAll(got->body), two);
  const auto head = world.Do<ops::HeadObject, &HeadObject>({.bucket = "bkt", .key = "k"});
  EXPECT_EQ(*head->content_length, static_cast<std::int64_t>(whole.size()));

  ASSERT_EQ(CodeOf(world.Do<ops::CopyObject, &CopyObject>({.bucket = "bkt", .copy_source = "bkt/k", .key = "copy"})),
            "");
  EXPECT_EQ(world.Bytes("bkt", "copy"), whole);

  EmbeddedObjectStore store(world.service);
  const ports::ObjectName name{.bucket = "bkt", .key = "k", .version = *got->version_id};
  const auto grant =
      policy::Grant::Stored("a test", "s3:GetObjectVersion", "arn:aws:s3:::bkt/k", AccountId("111122223333"));
  auto reader = store.Open(grant, name);
  ASSERT_TRUE(reader);
  std::string read(whole.size(), '\0');
  for (std::size_t done = 0; done < read.size();) {
    const auto count = (*reader)->ReadAt(done, std::span(read).subspan(done));
    ASSERT_TRUE(count && *count > 0);
    done += *count;
  }
  EXPECT_EQ(read, whole);
}

TEST_P(WithoutFolder, RefusesPartsThatAreTooMuchTogether) {
  const std::string upload = Create("k");
  const auto first = Upload("k", upload, 1, one);
  ASSERT_EQ(CodeOf(Upload("k", upload, 2, two)), "");
  const std::string rest(101, 'x');
  EXPECT_EQ(CodeOf(Upload("k", upload, 3, rest)), "EntityTooLarge");
  EXPECT_EQ(CodeOf(Upload("k", upload, 2, two)), "");  // in place of what is there
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "source"}, rest)), "");
  const auto copied = world.Do<ops::UploadPartCopy, &UploadPartCopy>(
      {.bucket = "bkt", .copy_source = "bkt/source", .key = "k", .part_number = 3, .upload_id = upload});
  EXPECT_EQ(CodeOf(copied), "EntityTooLarge");

  // Parts that came at once are counted when they become one object.
  auto writer = world.blobs->Stage(rest.size(), Placement::kAlwaysFile, world.clock.Now());
  ASSERT_TRUE(writer->Append(rest));
  StagedBlob blob = *writer->Finish();
  ASSERT_TRUE(world.database->InTransaction([&](db::Transaction& transaction) {
    store::Garbage garbage;
    return store::PutPart(transaction, upload, {.number = 3, .blob_id = blob.id(), .size = rest.size(), .etag = "e"},
                          blob, garbage);
  }));
  const std::vector<CompletedPart> parts{
      {.etag = first->etag, .part_number = 1},
      {.etag = "\"" + EncodeHex(crypto::DigestOf(crypto::Hash::kMd5, two)) + "\"", .part_number = 2},
      {.etag = "\"e\"", .part_number = 3}};
  const auto refused = Complete("k", upload, parts);
  EXPECT_EQ(CodeOf(refused), "EntityTooLarge");
  EXPECT_THAT(refused.error().message, HasSubstr("s3.objects_folder"));
  EXPECT_EQ(CodeOf(Complete("k", upload, {parts[0], parts[1]})), "");
  EXPECT_EQ(world.Bytes("bkt", "k"), one + two);
}

TEST_P(WithoutFolder, RefusesSignedObjectsThatDoNotFit) {
  EmbeddedObjectStore store(world.service);
  auto writer = *store.Stage(0);
  ASSERT_TRUE(writer->Append(std::string(kLimit, 'x')));
  const auto refused = writer->Append("x");
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("s3.objects_folder"));
}

TEST_P(WithoutFolder, SendsPartsFromBothPlacesAfterTheDeploymentGotAFolder) {
  const std::string upload = Create("k");
  const auto first = Upload("k", upload, 1, one);
  const auto third = Upload("k", upload, 3, "the end");
  GiveAFolder();
  gateway::FakePayload payload(two);
  const auto call = [&]<class Op, auto Handle>(typename Op::Input input, gateway::Payload* body = nullptr) {
    return world.gateway.Call<Op, &ResolveBucket<Op>, Handle>(*served, std::move(input), body);
  };
  const auto second = call.operator()<ops::UploadPart, &UploadPart>(
      {.bucket = "bkt", .key = "k", .part_number = 2, .upload_id = upload}, &payload);
  ASSERT_EQ(CodeOf(second), "");
  const auto done = call.operator()<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(
      {.bucket = "bkt",
       .key = "k",
       .multipart_upload = {{.parts = {{{.etag = first->etag, .part_number = 1},
                                        {.etag = second->etag, .part_number = 2},
                                        {.etag = third->etag, .part_number = 3}}}}},
       .upload_id = upload});
  ASSERT_EQ(CodeOf(done), "");
  const std::string whole = one + two + "the end";
  const auto got = call.operator()<ops::GetObject, &GetObject>({.bucket = "bkt", .key = "k"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(ReadAll(got->body), whole);
  const auto across = call.operator()<ops::GetObject, &GetObject>(
      {.bucket = "bkt", .key = "k", .range = "bytes=" + std::to_string(2 * kPart - 3) + "-"});
  EXPECT_EQ(ReadAll(across->body), whole.substr(2 * kPart - 3));
  const auto within = call.operator()<ops::GetObject, &GetObject>({.bucket = "bkt", .key = "k", .range = "bytes=2-5"});
  EXPECT_EQ(ReadAll(within->body), whole.substr(2, 4));
  EXPECT_TRUE(std::filesystem::is_empty(with_folder->options().folder + "/tmp"));
}

}  // namespace
}  // namespace firmsign::s3
