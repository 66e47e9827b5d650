// SPDX-License-Identifier: Apache-2.0

#include "gateway/admit.h"

#include <gtest/gtest.h>

namespace firmsign::gateway {
namespace {

const AccountId kMine("111122223333");
const AccountId kTheirs("444455556666");
const Region kEast("us-east-1");
const Region kWest("eu-west-1");
constexpr Instant kNow = InstantFromSeconds(1'790'000'000);

AdmitOptions SignerLimits() {
  return {.limits = {{"signer", "", 25}, {"signer", "StartSigningJob", 5}}, .in_flight_max = 2};
}

int Admitted(Admission& admission, std::string_view operation, Instant now, int tries = 100) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += admission.TakeToken("signer", operation, kMine, kEast, now) ? 1 : 0;
  return count;
}

TEST(Admission, LetsABurstOfOneSecondThroughAndRefusesTheRest) {
  Admission admission(SignerLimits());
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow), 5);
  EXPECT_EQ(Admitted(admission, "DescribeSigningJob", kNow), 25);
}

TEST(Admission, FillsABucketWithTimeAndNeverAboveItsBrim) {
  Admission admission(SignerLimits());
  Admitted(admission, "StartSigningJob", kNow);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow + std::chrono::milliseconds(199)), 0);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow + std::chrono::milliseconds(200)), 1);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow + std::chrono::hours(1)), 5);
}

TEST(Admission, DoesNotFillABucketWhenTheClockGoesBack) {
  Admission admission(SignerLimits());
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow), 5);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow - std::chrono::hours(1)), 0);
}

TEST(Admission, CountsOperationsAccountsAndRegionsApart) {
  Admission admission(SignerLimits());
  Admitted(admission, "StartSigningJob", kNow);
  EXPECT_FALSE(admission.TakeToken("signer", "StartSigningJob", kMine, kEast, kNow));
  EXPECT_TRUE(admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, kNow));
  EXPECT_TRUE(admission.TakeToken("signer", "StartSigningJob", kTheirs, kEast, kNow));
  EXPECT_TRUE(admission.TakeToken("signer", "StartSigningJob", kMine, kWest, kNow));
}

TEST(Admission, LeavesServicesWithoutALimitAlone) {
  Admission admission(SignerLimits());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(admission.TakeToken("s3", "PutObject", kMine, kEast, kNow));
}

TEST(Admission, LimitsNothingWhenSwitchedOff) {
  AdmitOptions options = SignerLimits();
  options.enabled = false;
  Admission admission(options);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow), 100);
}

TEST(Admission, LetsOneThroughInTimeUnderALimitBelowOnePerSecond) {
  Admission admission({.limits = {{"signer", "", 0.5}}});
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow), 1);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow + std::chrono::seconds(1)), 0);
  EXPECT_EQ(Admitted(admission, "StartSigningJob", kNow + std::chrono::seconds(2)), 1);
}

TEST(Admission, RemembersTheEmptyBucketsAmongVeryManyAccounts) {
  Admission admission(SignerLimits());
  Admitted(admission, "StartSigningJob", kNow);
  for (int i = 0; i < 11'000; ++i) {
    admission.TakeToken("signer", "StartSigningJob", AccountId(std::to_string(100'000'000'000 + i)), kEast, kNow);
  }
  EXPECT_FALSE(admission.TakeToken("signer", "StartSigningJob", kMine, kEast, kNow));
}

TEST(Admission, LimitsTheRequestsInFlightUntilTheirPlacesAreGivenBack) {
  Admission admission(SignerLimits());
  auto one = admission.TakePlace();
  {
    auto two = admission.TakePlace();
    EXPECT_TRUE(one && two);
    EXPECT_FALSE(admission.TakePlace());
    EXPECT_FALSE(admission.TakePlace()) << "a refusal takes no place";
  }
  auto three = admission.TakePlace();
  EXPECT_TRUE(three);
  const auto moved = std::move(three);
  EXPECT_FALSE(admission.TakePlace());
}

}  // namespace
}  // namespace firmsign::gateway
