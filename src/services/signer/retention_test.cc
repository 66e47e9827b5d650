// SPDX-License-Identifier: Apache-2.0

#include "services/signer/retention.h"

#include <gmock/gmock.h>

#include <latch>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RetentionTest : public SignerTest {
 protected:
  RetentionTest() { CHECK(db::Migrate(*database, db::LeaseMigrations()).has_value()); }

  // The calls of a service tell their own time; here it is the database's.
  void Advance(Duration by) {
    clock.Advance(by);
    gateway.facts.now = clock.Now();
  }
  std::int64_t DeleteDue() {
    Retention retention(store, audit_trail, random, {});
    const auto deleted = retention.DeleteDue();
    CHECK(deleted.has_value());
    return *deleted;
  }
};

TEST_F(RetentionTest, DeletesAProfileTwoYearsAfterItWasCanceled) {
  Advance(Duration(0));
  MustPut("release");
  MustPut("kept");
  const std::string job = MustStart("release", "t1");
  ASSERT_EQ(Run(), 1U);
  Advance(hours(24));
  ASSERT_TRUE(Cancel("release"));
  Advance(hours(24 * 730));
  EXPECT_EQ(DeleteDue(), 0) << "not before two years are over";
  EXPECT_EQ(Get({.profile_name = "release", .profile_owner = {}})->status, "Canceled");
  Advance(Duration(1));
  EXPECT_EQ(DeleteDue(), 1);
  EXPECT_EQ(NameOfError(Get({.profile_name = "release", .profile_owner = {}})),
            "ResourceNotFoundException/ProfileNotFound");
  EXPECT_EQ(Get({.profile_name = "kept", .profile_owner = {}})->status, "Active");
  const auto records = ports::FakeAuditTrail::AllWritten(*database);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].event_name, "SigningProfileDeletion");
  EXPECT_THAT(records[1].json, HasSubstr("/signing-profiles/release/"));

  EXPECT_EQ(Describe(job)->status, "Succeeded") << "its jobs stay";
  const auto repeat = Start(JobRequest("release", "t1"));
  ASSERT_EQ(NameOfError(repeat), "no error") << "and so do their tokens";
  EXPECT_EQ(*repeat->job_id, job);
  EXPECT_EQ(NameOfError(Start(JobRequest("release", "t2"))), "ResourceNotFoundException/ProfileNotFound");
  MustPut("release");
}

TEST_F(RetentionTest, KeepsWhatWasRevokedAlsoAfterItWasCanceled) {
  Advance(Duration(0));
  MustPut("release");
  ASSERT_TRUE(Cancel("release"));
  RevokeSigningProfileRequest request;
  request.profile_name = "release";
  request.profile_version = *Get({.profile_name = "release", .profile_owner = {}})->profile_version;
  request.reason = "leaked";
  request.effective_time = clock.Now();
  ASSERT_EQ(NameOfError(Call<ops::RevokeSigningProfile, &RevokeSigningProfile>(std::move(request))), "no error");
  Advance(hours(24 * 10'000));
  EXPECT_EQ(DeleteDue(), 0);
}

TEST_F(RetentionTest, DeletesManyInPieces) {
  Advance(Duration(0));
  for (int i = 0; i < 205; ++i) {
    MustPut("profile_" + std::to_string(i));
    ASSERT_TRUE(Cancel("profile_" + std::to_string(i)));
  }
  Advance(hours(24 * 731));
  EXPECT_EQ(DeleteDue(), 205);
}

TEST_F(RetentionTest, LooksByItself) {
  Advance(Duration(0));
  MustPut("release");
  ASSERT_TRUE(Cancel("release"));
  Advance(hours(24 * 731));
  std::latch looked(1);
  Retention retention(store, audit_trail, random, {.on_looked = [&] { looked.count_down(); }});
  retention.Start();
  looked.wait();
  retention.Stop();
  EXPECT_EQ(NameOfError(Get({.profile_name = "release", .profile_owner = {}})),
            "ResourceNotFoundException/ProfileNotFound");
}

}  // namespace
}  // namespace firmsign::signer
