// SPDX-License-Identifier: Apache-2.0
//
// What becomes of files when a transaction's connection breaks while it commits, so that nobody can tell whether it
// happened.

#include <gtest/gtest.h>

#include "services/s3/object_store.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

// Says kUnavailable of each transaction when asked to, whether it happened or not.
class Unsure final : public db::Database {
 public:
  enum class Mode { kSure, kHappens, kDoesNotHappen };

  explicit Unsure(db::Database& database) : database_(database) {}

  Expected<void> InTransaction(const db::Work& work) override {
    if (mode == Mode::kSure) return database_.InTransaction(work);
    const auto done = database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(work(transaction));
      if (mode == Mode::kDoesNotHappen) return Fail(Code::kInternal, "undone");
      return {};
    });
    EXPECT_EQ(done.has_value(), mode == Mode::kHappens);
    return Fail(Code::kUnavailable, "the transaction may or may not have happened");
  }
  Expected<void> Read(const db::ReadWork& work) override { return database_.Read(work); }
  void Notify(std::string_view topic) override { database_.Notify(topic); }
  std::unique_ptr<db::Listening> Listen(std::string topic, std::function<void()> listener) override {
    return database_.Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return database_.Now(); }

  Mode mode = Mode::kSure;

 private:
  db::Database& database_;
};

class UnknownOutcome : public testing::TestWithParam<Unsure::Mode> {
 protected:
  UnknownOutcome() { world.MakeBucket("bkt"); }

  bool happens() const { return GetParam() == Unsure::Mode::kHappens; }
  template <class Op, auto Handle>
  auto DoUnsure(typename Op::Input input, gateway::Payload* payload = nullptr) {
    database.mode = GetParam();
    auto result = world.gateway.Call<Op, &ResolveBucket<Op>, Handle>(service, std::move(input), payload);
    database.mode = Unsure::Mode::kSure;
    return result;
  }
  // The client was told to try again, and after a sweep there are as many files as rows name.
  template <class Result>
  void Expect(const Result& result, int files_now, int files_after_sweep) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().origin, aws::ErrorOrigin::kUnavailable);
    EXPECT_EQ(world.FilesAtRest(), files_now);
    world.AgeFiles(std::chrono::hours(2));
    ASSERT_TRUE(SweepLeftOverFiles(world.service, std::chrono::hours(1)));
    EXPECT_EQ(world.FilesAtRest(), files_after_sweep);
  }

  World world{10};
  Unsure database{*world.database};
  Service service{database, world.clock, world.random, *world.blobs, world.policies, world.principals};
  const std::string old_bytes = std::string(50, 'o');
  const std::string new_bytes = std::string(60, 'n');
};
INSTANTIATE_TEST_SUITE_P(, UnknownOutcome, testing::Values(Unsure::Mode::kHappens, Unsure::Mode::kDoesNotHappen),
                         [](const auto& param) {
                           return param.param == Unsure::Mode::kHappens ? "ItHappened" : "ItDidNotHappen";
                         });

TEST_P(UnknownOutcome, OfAPutKeepsTheNewAndTheOldFile) {
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, old_bytes)), "");
  gateway::FakePayload payload(new_bytes);
  Expect(DoUnsure<ops::PutObject, &PutObject>({.bucket = "bkt", .key = "k"}, &payload), 2, 1);
  EXPECT_EQ(world.Bytes("bkt", "k"), happens() ? new_bytes : old_bytes);
}

TEST_P(UnknownOutcome, OfACopyKeepsItsFile) {
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, old_bytes)), "");
  const auto copied = DoUnsure<ops::CopyObject, &CopyObject>({.bucket = "bkt", .copy_source = "bkt/k", .key = "copy"});
  Expect(copied, 2, happens() ? 2 : 1);
  EXPECT_EQ(world.Bytes("bkt", "copy"), happens() ? old_bytes : "NoSuchKey");
}

TEST_P(UnknownOutcome, OfADeletionKeepsTheFile) {
  ASSERT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "k"}, old_bytes)), "");
  Expect(DoUnsure<ops::DeleteObject, &DeleteObject>({.bucket = "bkt", .key = "k"}), 1, happens() ? 0 : 1);
  EXPECT_EQ(world.Bytes("bkt", "k"), happens() ? "NoSuchKey" : old_bytes);
}

TEST_P(UnknownOutcome, OfAPartAndItsCompletionKeepsAllParts) {
  const auto made = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "k"});
  const auto send = [&](bool is_unsure, std::int64_t number, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    UploadPartRequest input{.bucket = "bkt", .key = "k", .part_number = number, .upload_id = *made->upload_id};
    return is_unsure ? DoUnsure<ops::UploadPart, &UploadPart>(std::move(input), &payload)
                     : world.Do<ops::UploadPart, &UploadPart>(std::move(input), &payload);
  };
  const auto part = send(false, 1, old_bytes);
  Expect(send(true, 2, new_bytes), 2, happens() ? 2 : 1);

  CompleteMultipartUploadRequest whole{.bucket = "bkt",
                                       .key = "k",
                                       .multipart_upload = {{.parts = {{{.etag = part->etag, .part_number = 1}}}}},
                                       .upload_id = *made->upload_id};
  // Part 2, if it is there, is not used: its file goes if the completion happened.
  Expect(DoUnsure<ops::CompleteMultipartUpload, &CompleteMultipartUpload>(whole), happens() ? 2 : 1, 1);
  EXPECT_EQ(world.Bytes("bkt", "k"), happens() ? old_bytes : "NoSuchKey");
}

TEST_P(UnknownOutcome, OfASignedObjectKeepsItOnceItIsAbandoned) {
  EmbeddedObjectStore store(service);
  {
    auto writer = *store.Stage(0);
    ASSERT_TRUE(writer->Append(new_bytes));
    const auto staged = *writer->Finish();
    const auto grant = policy::Grant::Stored("a test", "s3:PutObject", "arn:aws:s3:::bkt/k", AccountId("111122223333"));
    database.mode = GetParam();
    const auto published = database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(store.Publish(transaction, grant, "bkt", "k", "", *staged, ports::Pace::kAwaited));
      return {};
    });
    ASSERT_EQ(published.error().code, Code::kUnavailable);
    store.Abandon(*staged);
  }
  EXPECT_EQ(world.FilesAtRest(), 1);
  EXPECT_EQ(world.Bytes("bkt", "k"), happens() ? new_bytes : "NoSuchKey");
  world.AgeFiles(std::chrono::hours(2));
  ASSERT_TRUE(SweepLeftOverFiles(world.service, std::chrono::hours(1)));
  EXPECT_EQ(world.FilesAtRest(), happens() ? 1 : 0);
}

}  // namespace
}  // namespace firmsign::s3
