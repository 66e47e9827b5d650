// SPDX-License-Identifier: Apache-2.0

#include "gateway/admit.h"
#include "gateway/testing/known.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace firmsign::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

AdmitOptions SignerLimits() {
  return {.limits = {{"signer", "", 25}, {"signer", "StartSigningJob", 5}}, .in_flight_max = 2};
}

int Admitted(Admission& admission, std::string_view operation, Instant now, int tries = 100) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    count += admission.TakeToken("signer", operation, kMine, kEast, FakeClock(now)) ? 1 : 0;
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
  EXPECT_FALSE(admission.TakeToken("signer", "StartSigningJob", kMine, kEast, FakeClock(kNow)));
  EXPECT_TRUE(admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, FakeClock(kNow)));
  EXPECT_TRUE(admission.TakeToken("signer", "StartSigningJob", kTheirs, kEast, FakeClock(kNow)));
  EXPECT_TRUE(admission.TakeToken("signer", "StartSigningJob", kMine, kWest, FakeClock(kNow)));
}

TEST(Admission, LeavesServicesWithoutALimitAlone) {
  Admission admission(SignerLimits());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(admission.TakeToken("s3", "PutObject", kMine, kEast, FakeClock(kNow)));
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
    admission.TakeToken("signer", "StartSigningJob", AccountId(std::to_string(100'000'000'000 + i)), kEast,
                        FakeClock(kNow));
  }
  EXPECT_FALSE(admission.TakeToken("signer", "StartSigningJob", kMine, kEast, FakeClock(kNow)));
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

// A bank whose tokens a test counts out, and that can be away or slow. Thread safety: safe.
class FakeBank final : public RateBank {
 public:
  Expected<Withdrawal> Withdraw(std::string_view name, double, double, std::int64_t wanted) override {
    std::unique_lock lock(mutex_);
    wanted_.push_back(wanted);
    most_at_once_ = std::max(most_at_once_, ++at_once_[std::string(name)]);
    came_.notify_all();
    came_.wait(lock, [&] { return held_.empty() || name.find(held_) == std::string_view::npos; });
    --at_once_[std::string(name)];
    if (on_withdraw_) on_withdraw_();
    if (is_away_) return Fail(Code::kUnavailable, "the database is away");
    const std::int64_t granted = std::min(wanted, tokens_);
    tokens_ -= granted;
    return Withdrawal{.granted = granted, .next_in = granted < wanted ? next_in_ : Duration(0)};
  }

  // What else happens during the next withdrawals.
  void OnWithdraw(std::function<void()> then) { on_withdraw_ = std::move(then); }
  void Put(std::int64_t tokens) { Set(tokens_, tokens); }
  void TellNextIn(Duration next_in) { Set(next_in_, next_in); }
  void SetAway(bool is_away) { Set(is_away_, is_away); }
  // Withdrawals from buckets with this in their name do not end before Hold("").
  void Hold(const std::string& name) { Set(held_, name); }
  bool AwaitWithdrawals(std::size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, seconds(30), [&] { return wanted_.size() >= count; });
  }

  std::int64_t tokens() const { return Get(tokens_); }
  std::vector<std::int64_t> wanted() const { return Get(wanted_); }  // by each withdrawal
  int most_at_once() const { return Get(most_at_once_); }            // from one bucket

 private:
  template <class T>
  T Get(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  template <class T>
  void Set(T& member, T value) {
    const std::lock_guard lock(mutex_);
    member = std::move(value);
    came_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::int64_t tokens_ = 0;
  Duration next_in_ = milliseconds(200);
  bool is_away_ = false;
  std::string held_;
  std::function<void()> on_withdraw_;
  std::vector<std::int64_t> wanted_;
  std::map<std::string, int> at_once_;
  int most_at_once_ = 0;
};

AdmitOptions OneLimit(double per_second) { return {.limits = {{"signer", "", per_second}}}; }

TEST(AdmissionWithABank, AdmitsWhatTheBankGrantsAndNoMore) {
  FakeBank bank;
  bank.Put(7);
  Admission admission(OneLimit(25), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 7);
}

TEST(AdmissionWithABank, AsksForMoreAtOnceTheMoreItUses) {
  FakeBank bank;
  bank.Put(1000);
  Admission admission(OneLimit(200), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 100);
  EXPECT_EQ(bank.wanted(), (std::vector<std::int64_t>{1, 2, 4, 8, 16, 20, 20, 20, 20}))
      << "up to a tenth of what a second brings";
}

TEST(AdmissionWithABank, ForgetsWhatItDoesNotUseAndTakesLessNextTime) {
  FakeBank bank;
  bank.Put(1000);
  Admission admission(OneLimit(200), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow, 34), 34);
  ASSERT_EQ(bank.tokens(), 1000 - 51) << "17 are left here, 3 of the last batch were used";
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + milliseconds(999), 1), 1);
  EXPECT_EQ(bank.tokens(), 1000 - 51);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + seconds(1), 1), 1);
  EXPECT_EQ(bank.wanted().back(), 4);
}

TEST(AdmissionWithABank, LeavesABankThatIsEmptyAloneUntilThereIsABatch) {
  FakeBank bank;
  bank.Put(1);
  Admission admission(OneLimit(50), &bank);
  bank.TellNextIn(milliseconds(20));
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 1);
  const std::size_t before = bank.wanted().size();
  bank.Put(10);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + milliseconds(99)), 0);
  EXPECT_EQ(bank.wanted().size(), before) << "what is refused costs nothing";
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + milliseconds(100)), 10);
}

TEST(AdmissionWithABank, AsksAgainWhenTheClockIsSetBack) {
  FakeBank bank;
  Admission admission(OneLimit(5), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 0);
  bank.Put(3);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow - std::chrono::hours(1)), 3);
}

TEST(AdmissionWithABank, UsesATokenWithinASecondOfItsComingHoweverLongItTook) {
  FakeBank bank;
  bank.Put(100);
  Admission admission(OneLimit(200), &bank);
  ASSERT_EQ(Admitted(admission, "ListSigningJobs", kNow, 7), 7);
  FakeClock clock(kNow);
  bank.OnWithdraw([&] { clock.Advance(seconds(3)); });
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, clock));
  EXPECT_EQ(bank.wanted(), (std::vector<std::int64_t>{1, 2, 4, 8}));
}

TEST(AdmissionWithABank, LeavesABankAloneThatTookLongToFail) {
  FakeBank bank;
  bank.SetAway(true);
  Admission admission(OneLimit(25), &bank);
  FakeClock clock(kNow);
  bank.OnWithdraw([&] { clock.Advance(seconds(3)); });
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, clock));
  EXPECT_EQ(bank.wanted().size(), 1U);
}

TEST(AdmissionWithABank, LimitsByItselfWhileTheBankIsAway) {
  FakeBank bank;
  bank.SetAway(true);
  Admission admission(OneLimit(25), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 25);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + milliseconds(400)), 10);
  EXPECT_EQ(bank.wanted().size(), 1U) << "it is not asked for each request";
  bank.SetAway(false);
  bank.Put(3);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + seconds(1)), 3);
}

TEST(AdmissionWithABank, HasNoSecondBurstWhenTheBankGoesAway) {
  FakeBank bank;
  bank.Put(25);
  Admission admission(OneLimit(25), &bank);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow), 25);
  bank.SetAway(true);
  EXPECT_EQ(Admitted(admission, "ListSigningJobs", kNow + milliseconds(400)), 10);
}

TEST(AdmissionWithABank, AsksNothingForServicesWithoutALimit) {
  FakeBank bank;
  Admission admission(OneLimit(25), &bank);
  EXPECT_TRUE(admission.TakeToken("s3", "PutObject", kMine, kEast, FakeClock(kNow)));
  EXPECT_TRUE(bank.wanted().empty());
}

TEST(AdmissionConcurrency, OtherAccountsGoOnWhileOneWaitsForTheBank) {
  FakeBank bank;
  bank.Put(1000);
  Admission admission(OneLimit(25), &bank);
  bank.Hold(kMine.str());
  bool is_admitted = false;
  std::thread waits(
      [&] { is_admitted = admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, FakeClock(kNow)); });
  EXPECT_TRUE(bank.AwaitWithdrawals(1));
  EXPECT_TRUE(admission.TakeToken("signer", "ListSigningJobs", kTheirs, kEast, FakeClock(kNow)));
  bank.Hold("");
  waits.join();
  EXPECT_TRUE(is_admitted);
}

TEST(AdmissionConcurrency, OneRequestGoesToTheBankForAllThatWait) {
  constexpr int kThreads = 16;
  FakeBank bank;
  bank.Put(200);
  Admission admission(OneLimit(25), &bank);
  bank.Hold(kMine.str());
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] { admitted += Admitted(admission, "ListSigningJobs", kNow, 20); });
  }
  EXPECT_TRUE(bank.AwaitWithdrawals(1));
  bank.Hold("");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bank.most_at_once(), 1);
  EXPECT_EQ(admitted, 200) << "of 320, and each token once";
}

// Tells how often it was read. Thread safety: safe.
class SharedClock final : public Clock {
 public:
  Instant Now() const override {
    const std::lock_guard lock(mutex_);
    ++reads_;
    was_read_.notify_all();
    return now_;
  }
  void Advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ = now_ + by;
  }
  bool AwaitReads(int count) const {
    std::unique_lock lock(mutex_);
    return was_read_.wait_for(lock, seconds(30), [&] { return reads_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable was_read_;
  mutable int reads_ = 0;
  Instant now_ = kNow;
};

TEST(AdmissionConcurrency, WhoWaitsLongUsesWhatCame) {
  FakeBank bank;
  bank.Put(100);
  Admission admission(OneLimit(200), &bank);
  ASSERT_EQ(Admitted(admission, "ListSigningJobs", kNow, 7), 7);
  SharedClock clock;
  bank.Hold(kMine.str());
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back(
        [&] { admitted += admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, clock) ? 1 : 0; });
  }
  EXPECT_TRUE(bank.AwaitWithdrawals(4));
  EXPECT_TRUE(clock.AwaitReads(8));
  clock.Advance(seconds(3));
  bank.Hold("");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 8);
  EXPECT_EQ(bank.wanted(), (std::vector<std::int64_t>{1, 2, 4, 8}));
}

TEST(AdmissionConcurrency, BucketsMayBeDroppedWhileTheyAreInUse) {
  FakeBank bank;
  bank.Put(1'000'000);
  Admission admission(OneLimit(25), &bank);
  bank.Hold(kMine.str());
  bool is_admitted = false;
  std::thread waits(
      [&] { is_admitted = admission.TakeToken("signer", "ListSigningJobs", kMine, kEast, FakeClock(kNow)); });
  EXPECT_TRUE(bank.AwaitWithdrawals(1));
  for (int i = 0; i < 11'000; ++i) {
    admission.TakeToken("signer", "ListSigningJobs", AccountId(std::to_string(100'000'000'000 + i)), kEast,
                        FakeClock(kNow + seconds(100)));
  }
  bank.Hold("");
  waits.join();
  EXPECT_TRUE(is_admitted);
}

}  // namespace
}  // namespace firmsign::gateway
