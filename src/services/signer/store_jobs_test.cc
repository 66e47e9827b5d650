// SPDX-License-Identifier: Apache-2.0
//
// The contract of the store about jobs, over every database.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/signer/testing/store_fixture.h"

namespace firmsign::signer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using JobStoreTest = StoreTest;
INSTANTIATE_TEST_SUITE_P(Databases, JobStoreTest, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST_P(JobStoreTest, ReturnsAJobAsItWasInserted) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  const Job job = MakeJob("j1", "t1");
  ASSERT_TRUE(Insert(job));
  const Job found = MustFind("j1");
  EXPECT_EQ(found.owner, job.owner);
  EXPECT_EQ(found.invoker, job.invoker);
  EXPECT_EQ(found.requested_by, job.requested_by);
  EXPECT_EQ(found.token, "t1");
  EXPECT_EQ(found.fingerprint, job.fingerprint);
  EXPECT_EQ(found.profile_version, job.profile_version);
  EXPECT_EQ(found.overrides.image_format, "JSON");
  EXPECT_EQ(found.parameters, job.parameters);
  EXPECT_EQ(found.source_key, job.source_key);
  EXPECT_EQ(found.source_version, "v1");
  EXPECT_EQ(found.source_owner, job.source_owner);
  EXPECT_EQ(found.destination_key, "out/j1");
  EXPECT_EQ(found.destination_owner, job.destination_owner);
  EXPECT_EQ(found.status, "InProgress");
  EXPECT_EQ(found.created_at, job.created_at);
  EXPECT_FALSE(found.completed_at);
  EXPECT_EQ(found.fence, 1);
  EXPECT_FALSE(*store.FindJob(JobId("j2")));
}

TEST_P(JobStoreTest, InsertsNoJobForAProfileThatIsNotActive) {
  EXPECT_FALSE(Insert(MakeJob("j1", "t1")));
  ASSERT_TRUE(Insert(MakeProfile("release")));
  ASSERT_TRUE(Cancel(MakeProfile("release")));
  EXPECT_FALSE(Insert(MakeJob("j1", "t1")));
  EXPECT_FALSE(*store.FindJob(JobId("j1")));
}

TEST_P(JobStoreTest, InsertsNoSecondJobForAToken) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  EXPECT_TRUE(Insert(MakeJob("j1", "t1")));
  EXPECT_FALSE(Insert(MakeJob("j2", "t1")));
  Job elsewhere = MakeJob("j3", "t1");
  elsewhere.invoker = AccountId("444455556666");  // tokens belong to the one who sends them
  EXPECT_TRUE(Insert(elsewhere));
}

TEST_P(JobStoreTest, FindsAJobByTheTokenOfItsInvokerAndRegion) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  ASSERT_TRUE(Insert(MakeJob("j1", "t1")));
  const auto found = store.FindJobByToken(account, region, "t1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id.str(), "j1");
  EXPECT_EQ(*store.FindJobByToken(account, region, "t2"), std::nullopt);
  EXPECT_EQ(*store.FindJobByToken(AccountId("444455556666"), region, "t1"), std::nullopt);
  EXPECT_EQ(*store.FindJobByToken(account, Region("eu-west-1"), "t1"), std::nullopt);
}

TEST_P(JobStoreTest, ListsJobsNewestFirstWithEveryFilter) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  ASSERT_TRUE(Insert(MakeJob("j1", "t1", Instant{10})));
  ASSERT_TRUE(Insert(MakeJob("j3", "t3", Instant{20})));
  ASSERT_TRUE(Insert(MakeJob("j2", "t2", Instant{20})));
  Job theirs = MakeJob("j4", "t4", Instant{30});
  theirs.invoker = AccountId("444455556666");
  theirs.requested_by = "arn:aws:iam::444455556666:root";
  ASSERT_TRUE(Insert(theirs));
  ASSERT_TRUE(End(MustFind("j1"), {.succeeded = true, .reason = "Signing Succeeded"}, Instant{40}));

  const JobFilter all{.account = account, .region = region};
  EXPECT_THAT(List(all), ElementsAre("j4", "j3", "j2", "j1"));
  JobFilter filter = all;
  filter.after = JobPosition{.at = Instant{20}, .id = "j3"};
  EXPECT_THAT(List(filter), ElementsAre("j2", "j1"));
  filter = all;
  filter.limit = 2;
  EXPECT_THAT(List(filter), ElementsAre("j4", "j3"));
  filter = all;
  filter.status = "Succeeded";
  EXPECT_THAT(List(filter), ElementsAre("j1"));
  filter = all;
  filter.requested_by = theirs.requested_by;
  EXPECT_THAT(List(filter), ElementsAre("j4"));
  filter = all;
  filter.invoker = theirs.invoker.str();
  filter.status = "Succeeded";
  EXPECT_THAT(List(filter), IsEmpty());
  filter = all;
  filter.platform_id = "AWSLambda-SHA384-ECDSA";
  EXPECT_THAT(List(filter), IsEmpty());
  EXPECT_THAT(List(JobFilter{.account = AccountId("777788889999"), .region = region}), IsEmpty());
}

TEST_P(JobStoreTest, ListsAJobThatWasStartedWithAnothersProfileForBothAccounts) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  Job job = MakeJob("j1", "t1");
  job.invoker = AccountId("444455556666");
  ASSERT_TRUE(Insert(job));
  const JobFilter theirs{.account = job.invoker, .region = region};
  EXPECT_THAT(List(theirs), ElementsAre("j1"));
  JobFilter filter = theirs;
  filter.invoker = job.invoker.str();
  EXPECT_THAT(List(filter), ElementsAre("j1"));
  filter.invoker = account.str();
  EXPECT_THAT(List(filter), IsEmpty());
}

TEST_P(JobStoreTest, ListsRevokedJobsAndThoseThatAreNot) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const char* id : {"j1", "j2", "j3"}) ASSERT_TRUE(Insert(MakeJob(id, id)));
  EXPECT_TRUE(Revoke("j2", "leaked"));
  EXPECT_FALSE(Revoke("j2", "once more")) << "the first revocation counts";
  EXPECT_EQ(MustFind("j2").revocation->reason, "leaked");
  JobFilter filter{.account = account, .region = region};
  filter.is_revoked = true;
  EXPECT_THAT(List(filter), ElementsAre("j2"));
  filter.is_revoked = false;
  EXPECT_THAT(List(filter), ElementsAre("j3", "j1"));
}

TEST_P(JobStoreTest, ListsByTheEndOfSignatures) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const int expiry : {0, 300, 100, 200}) {
    Job job = MakeJob("e" + std::to_string(expiry), std::to_string(expiry));
    if (expiry != 0) job.signature_expires_at = Instant{expiry};
    ASSERT_TRUE(Insert(job));
  }
  JobFilter filter{.account = account, .region = region};
  filter.expires_after = Instant{100};
  EXPECT_THAT(List(filter), ElementsAre("e300", "e200"));
  filter.expires_after.reset();
  filter.expires_before = Instant{300};
  EXPECT_THAT(List(filter), ElementsAre("e200", "e100"));
  filter.limit = 1;
  const auto page = store.ListJobs(filter);
  ASSERT_TRUE(page && page->next);
  filter.after = page->next;
  EXPECT_THAT(List(filter), ElementsAre("e100"));
}

TEST_P(JobStoreTest, ForgetsTheEndOfASignatureThatWasNotMade) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const char* id : {"bad", "good"}) {
    Job job = MakeJob(id, id);
    job.signature_expires_at = Instant{100};
    ASSERT_TRUE(Insert(job));
  }
  ASSERT_TRUE(End(MustFind("bad"), {.succeeded = false, .reason = "no zip"}, Instant{8}));
  ASSERT_TRUE(End(MustFind("good"), {.succeeded = true, .reason = "Signing Succeeded"}, Instant{8}));
  EXPECT_EQ(MustFind("bad").signature_expires_at, std::nullopt);
  EXPECT_EQ(MustFind("good").signature_expires_at, Instant{100});
}

TEST_P(JobStoreTest, InsertsAJobWithoutAProfile) {
  Job job = MakeJob("j1", "t1");
  job.profile_name = ProfileName();
  job.profile_version = ProfileVersion();
  ASSERT_TRUE(Insert(job));
  EXPECT_FALSE(MustFind("j1").has_profile());
  job.id = JobId("j2");
  EXPECT_FALSE(Insert(job)) << "the token is taken";
}

using StoreConcurrency = StoreTest;
INSTANTIATE_TEST_SUITE_P(Databases, StoreConcurrency, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(StoreConcurrency, ClaimsAtTheSameTimeShareNoJob) {
  constexpr int kJobs = 60;
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (int i = 0; i < kJobs; ++i) ASSERT_TRUE(Insert(MakeJob("j" + std::to_string(i), "t" + std::to_string(i))));
  std::array<std::vector<std::string>, 4> claimed;
  std::vector<std::thread> nodes;
  for (std::vector<std::string>& mine : claimed) {
    nodes.emplace_back([this, &mine] {
      // Another's claim may leave this one less than it asked for, but never nothing while something waits for long.
      for (int i = 0; i < kJobs; ++i) {
        for (std::string& id : Claim("node", Instant{100}, Instant{200}, 4)) mine.push_back(std::move(id));
      }
    });
  }
  for (std::thread& node : nodes) node.join();
  std::set<std::string> all;
  std::size_t total = 0;
  for (const std::vector<std::string>& mine : claimed) {
    all.insert(mine.begin(), mine.end());
    total += mine.size();
  }
  EXPECT_EQ(total, kJobs) << "a job was claimed twice, or not at all";
  EXPECT_EQ(all.size(), kJobs);
}

TEST_P(JobStoreTest, ClaimsOnlyJobsWhoseLeaseHasEnded) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  Job leased = MakeJob("j1", "t1");
  leased.lease_owner = "a";
  leased.lease_until = Instant{100};
  ASSERT_TRUE(Insert(leased));
  ASSERT_TRUE(Insert(MakeJob("j2", "t2")));
  EXPECT_THAT(Claim("b", Instant{99}, Instant{200}), ElementsAre("j2"));
  EXPECT_THAT(Claim("b", Instant{99}, Instant{200}), IsEmpty());
  EXPECT_THAT(Claim("c", Instant{100}, Instant{300}), ElementsAre("j1"));
  EXPECT_EQ(MustFind("j1").fence, 2);
  EXPECT_EQ(MustFind("j1").lease_owner, "c");
  EXPECT_THAT(Claim("d", Instant{200}, Instant{300}), ElementsAre("j2"));
  EXPECT_EQ(MustFind("j2").fence, 3);
}

TEST_P(JobStoreTest, ClaimsAtMostTheLimitOldestLeaseFirst) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const auto& [id, until] : {std::pair("j1", 30), std::pair("j2", 10), std::pair("j3", 20)}) {
    Job job = MakeJob(id, id);
    job.lease_until = Instant{until};
    ASSERT_TRUE(Insert(job));
  }
  EXPECT_THAT(Claim("a", Instant{50}, Instant{100}, 2), UnorderedElementsAre("j2", "j3"));
  EXPECT_THAT(Claim("a", Instant{50}, Instant{100}, 2), ElementsAre("j1"));
}

TEST_P(JobStoreTest, EndsAJobOnceAndOnlyForTheHolderOfTheNewestFence) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  const Job late = MakeJob("j1", "t1");
  ASSERT_TRUE(Insert(late));
  ASSERT_THAT(Claim("b", Instant{1}, Instant{100}), ElementsAre("j1"));
  EXPECT_FALSE(End(late, {.succeeded = false, .reason = "too late"}, Instant{50}));
  const Job held = MustFind("j1");
  EXPECT_TRUE(End(held, {.succeeded = true, .reason = "Signing Succeeded"}, Instant{60}));
  EXPECT_FALSE(End(held, {.succeeded = false, .reason = "again"}, Instant{70}));
  const Job ended = MustFind("j1");
  EXPECT_EQ(ended.status, "Succeeded");
  EXPECT_EQ(ended.status_reason, "Signing Succeeded");
  EXPECT_EQ(ended.completed_at, Instant{60});
  EXPECT_THAT(Claim("c", Instant{1000}, Instant{2000}), IsEmpty());
  EXPECT_EQ(store.CountUnfinishedJobs(), 0);
}

TEST_P(JobStoreTest, RenewsTheLeasesThatAreStillHeld) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const char* id : {"held", "other", "lost", "ended"}) {
    Job job = MakeJob(id, id);
    job.lease_owner = "a";
    job.lease_until = Instant{10};
    job.fence = 1;
    ASSERT_TRUE(Insert(job));
  }
  ASSERT_THAT(Claim("b", Instant{11}, Instant{40}, 2), UnorderedElementsAre("ended", "held"));
  ASSERT_TRUE(End(MustFind("ended"), {.succeeded = true, .reason = "done"}, Instant{12}));
  ASSERT_TRUE(store.RenewLeases(std::array<JobLease, 3>{{{JobId("held"), 2}, {JobId("lost"), 2}, {JobId("ended"), 2}}},
                                Instant{100}));
  EXPECT_THAT(Claim("c", Instant{50}, Instant{200}), UnorderedElementsAre("lost", "other"))
      << "a fencing number that does not fit renews nothing, and neither does one that was not given";
  EXPECT_EQ(MustFind("held").lease_until, Instant{100});
}

TEST_P(JobStoreTest, ReturnsAJobOnlyForItsHolder) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  const Job late = MakeJob("j1", "t1");
  ASSERT_TRUE(Insert(late));
  ASSERT_THAT(Claim("a", Instant{1}, Instant{100}), ElementsAre("j1"));
  ASSERT_TRUE(store.ReturnJobs(std::array{JobLease{late.id, late.fence}}, Instant{0}));
  EXPECT_THAT(Claim("b", Instant{50}, Instant{200}), IsEmpty());
  ASSERT_TRUE(store.ReturnJobs(std::array{JobLease{JobId("j1"), MustFind("j1").fence}}, Instant{60}));
  EXPECT_THAT(Claim("b", Instant{59}, Instant{200}), IsEmpty());
  EXPECT_THAT(Claim("b", Instant{60}, Instant{200}), ElementsAre("j1"));
}

TEST_P(JobStoreTest, EndsAllLeasesWithoutTouchingEndedJobs) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const char* id : {"j1", "j2"}) {
    Job job = MakeJob(id, id);
    job.lease_owner = "gone";
    job.lease_until = Instant{1000};
    ASSERT_TRUE(Insert(job));
  }
  ASSERT_TRUE(End(MustFind("j2"), {.succeeded = true, .reason = "done"}, Instant{1}));
  EXPECT_EQ(store.CountUnfinishedJobs(), 1);
  ASSERT_TRUE(store.EndAllLeases());
  EXPECT_THAT(Claim("a", Instant{1}, Instant{100}), ElementsAre("j1"));
}

}  // namespace
}  // namespace firmsign::signer
