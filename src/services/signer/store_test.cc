// SPDX-License-Identifier: Apache-2.0

#include "services/signer/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "platform/db/testing/databases.h"
#include "services/signer/schema.h"

namespace firmsign::signer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The contract of the store, over every database.
class StoreTest : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  StoreTest() { CHECK(db::Migrate(*database, Migrations()).has_value()); }

  static Profile MakeProfile(const std::string& name) {
    return {.account = AccountId("111122223333"),
            .region = Region("us-east-1"),
            .name = ProfileName(name),
            .version = ProfileVersion("abcdefghij"),
            .platform_id = "AmazonFreeRTOS-Default",
            .certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/x",
            .overrides = {.encryption_algorithm = "ECDSA", .hash_algorithm = "SHA256", .image_format = "JSON"},
            .parameters = {{"certname", "dev \"1\""}},
            .tags = {{"team", "firmware"}},
            .created_at = Instant{1'000'000}};
  }
  static Job MakeJob(const std::string& id, const std::string& token, Instant created_at = Instant{5}) {
    const Profile profile = MakeProfile("release");
    Job job;
    job.id = JobId(id);
    job.owner = profile.account;
    job.invoker = profile.account;
    job.region = profile.region;
    job.requested_by = "arn:aws:iam::111122223333:root";
    job.token = token;
    job.fingerprint = std::string("\0\xff", 2);
    job.profile_name = profile.name;
    job.profile_version = profile.version;
    job.platform_id = profile.platform_id;
    job.certificate_arn = profile.certificate_arn;
    job.overrides = profile.overrides;
    job.parameters = profile.parameters;
    job.source_bucket = "images";
    job.source_key = std::string("a\0\xfe", 3);  // S3 keys are bytes
    job.source_version = "v1";
    job.source_owner = AccountId("111122223333");
    job.destination_bucket = "signed";
    job.destination_key = "out/" + id;
    job.destination_owner = AccountId("111122223333");
    job.created_at = created_at;
    job.fence = 1;
    return job;
  }

  Expected<void> Insert(const Profile& profile) {
    return database->InTransaction([&](db::Transaction& t) { return store.InsertProfile(t, profile); });
  }
  bool Insert(const Job& job) {
    const auto done = database->InTransaction([&](db::Transaction& t) { return store.InsertJob(t, job); });
    CHECK(done.has_value() || done.error().code == Code::kConflict);
    return done.has_value();
  }
  bool End(const Job& job, const Outcome& outcome, Instant now) {
    bool ended = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(ended, store.EndJob(t, job, outcome, now));
      return {};
    });
    CHECK(done.has_value());
    return ended;
  }
  bool Cancel(const Profile& profile) {
    bool canceled = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(canceled, store.CancelProfile(t, profile, "because", Instant{9}));
      return {};
    });
    CHECK(done.has_value());
    return canceled;
  }
  std::vector<std::string> Claim(const std::string& node, Instant now, Instant until, int limit = 10) {
    const auto jobs = store.ClaimJobs(node, now, until, limit);
    CHECK(jobs.has_value());
    std::vector<std::string> ids;
    for (const Job& job : *jobs) ids.push_back(job.id.str());
    return ids;
  }
  std::vector<std::string> List(const JobFilter& filter) {
    const auto jobs = store.ListJobs(filter);
    CHECK(jobs.has_value());
    std::vector<std::string> ids;
    for (const Job& job : *jobs) ids.push_back(job.id.str());
    return ids;
  }
  std::vector<std::string> List(const ProfileFilter& filter) {
    const auto profiles = store.ListProfiles(filter);
    CHECK(profiles.has_value());
    std::vector<std::string> names;
    for (const Profile& profile : *profiles) names.push_back(profile.name.str());
    return names;
  }
  Job MustFind(const std::string& id) {
    auto found = store.FindJob(JobId(id));
    CHECK(found.has_value() && found->has_value());
    return **std::move(found);
  }

  const AccountId account{"111122223333"};
  const Region region{"us-east-1"};
  FakeClock clock{InstantFromSeconds(1'790'000'000)};
  std::unique_ptr<db::testing::Place> place = GetParam()->make_place();
  std::unique_ptr<db::Database> database = *place->Open(clock);
  Store store{*database};
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreTest, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST_P(StoreTest, ReturnsAProfileAsItWasInserted) {
  const Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  const auto found = store.FindProfile(account, region, ProfileName("release"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->version, profile.version);
  EXPECT_EQ((*found)->platform_id, profile.platform_id);
  EXPECT_EQ((*found)->certificate_arn, profile.certificate_arn);
  EXPECT_EQ((*found)->overrides.encryption_algorithm, "ECDSA");
  EXPECT_EQ((*found)->overrides.hash_algorithm, "SHA256");
  EXPECT_EQ((*found)->overrides.image_format, "JSON");
  EXPECT_EQ((*found)->parameters, profile.parameters);
  EXPECT_EQ((*found)->tags, profile.tags);
  EXPECT_EQ((*found)->status, "Active");
  EXPECT_EQ((*found)->created_at, profile.created_at);
}

TEST_P(StoreTest, FindsAProfileOnlyInItsAccountAndRegion) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  EXPECT_FALSE(*store.FindProfile(AccountId("444455556666"), region, ProfileName("release")));
  EXPECT_FALSE(*store.FindProfile(account, Region("eu-west-1"), ProfileName("release")));
  EXPECT_FALSE(*store.FindProfile(account, region, ProfileName("Release")));
}

TEST_P(StoreTest, RefusesANameThatIsTakenEvenByACanceledProfile) {
  const Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  ASSERT_TRUE(Cancel(profile));
  const auto again = Insert(profile);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kConflict);
}

TEST_P(StoreTest, CancelsAProfileOnce) {
  const Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  EXPECT_TRUE(Cancel(profile));
  EXPECT_FALSE(Cancel(profile));
  const auto found = store.FindProfile(account, region, profile.name);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->status, "Canceled");
  EXPECT_EQ((*found)->status_reason, "because");
}

TEST_P(StoreTest, ListsProfilesByNameWithEveryFilter) {
  for (const char* name : {"c_profile", "a_profile", "B_profile"}) ASSERT_TRUE(Insert(MakeProfile(name)));
  ASSERT_TRUE(Cancel(MakeProfile("a_profile")));
  Profile other = MakeProfile("other_platform");
  other.platform_id = "AWSIoTDeviceManagement-SHA256-ECDSA";
  ASSERT_TRUE(Insert(other));
  const ProfileFilter all{.account = account, .region = region};
  EXPECT_THAT(List(all), ElementsAre("B_profile", "a_profile", "c_profile", "other_platform"));
  ProfileFilter filter = all;
  filter.statuses = {"Active"};
  EXPECT_THAT(List(filter), ElementsAre("B_profile", "c_profile", "other_platform"));
  filter.statuses = {"Revoked", "Canceled"};
  EXPECT_THAT(List(filter), ElementsAre("a_profile"));
  filter = all;
  filter.platform_id = other.platform_id;
  EXPECT_THAT(List(filter), ElementsAre("other_platform"));
  filter = all;
  filter.after_name = "a_profile";
  filter.limit = 1;
  EXPECT_THAT(List(filter), ElementsAre("c_profile"));
  EXPECT_THAT(List(ProfileFilter{.account = AccountId("444455556666"), .region = region}), IsEmpty());
}

TEST_P(StoreTest, ReturnsAJobAsItWasInserted) {
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

TEST_P(StoreTest, InsertsNoJobForAProfileThatIsNotActive) {
  EXPECT_FALSE(Insert(MakeJob("j1", "t1")));
  ASSERT_TRUE(Insert(MakeProfile("release")));
  ASSERT_TRUE(Cancel(MakeProfile("release")));
  EXPECT_FALSE(Insert(MakeJob("j1", "t1")));
  EXPECT_FALSE(*store.FindJob(JobId("j1")));
}

TEST_P(StoreTest, InsertsNoSecondJobForAToken) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  EXPECT_TRUE(Insert(MakeJob("j1", "t1")));
  EXPECT_FALSE(Insert(MakeJob("j2", "t1")));
  Job elsewhere = MakeJob("j3", "t1");
  elsewhere.invoker = AccountId("444455556666");  // tokens belong to the one who sends them
  EXPECT_TRUE(Insert(elsewhere));
}

TEST_P(StoreTest, FindsAJobByTheTokenOfItsInvokerAndRegion) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  ASSERT_TRUE(Insert(MakeJob("j1", "t1")));
  const auto found = store.FindJobByToken(account, region, "t1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id.str(), "j1");
  EXPECT_EQ(*store.FindJobByToken(account, region, "t2"), std::nullopt);
  EXPECT_EQ(*store.FindJobByToken(AccountId("444455556666"), region, "t1"), std::nullopt);
  EXPECT_EQ(*store.FindJobByToken(account, Region("eu-west-1"), "t1"), std::nullopt);
}

TEST_P(StoreTest, ListsJobsNewestFirstWithEveryFilter) {
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
  filter.after = JobPosition{.created_at = Instant{20}, .id = "j3"};
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
  EXPECT_THAT(List(JobFilter{.account = AccountId("444455556666"), .region = region}), IsEmpty());
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

TEST_P(StoreTest, ClaimsOnlyJobsWhoseLeaseHasEnded) {
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

TEST_P(StoreTest, ClaimsAtMostTheLimitOldestLeaseFirst) {
  ASSERT_TRUE(Insert(MakeProfile("release")));
  for (const auto& [id, until] : {std::pair("j1", 30), std::pair("j2", 10), std::pair("j3", 20)}) {
    Job job = MakeJob(id, id);
    job.lease_until = Instant{until};
    ASSERT_TRUE(Insert(job));
  }
  EXPECT_THAT(Claim("a", Instant{50}, Instant{100}, 2), UnorderedElementsAre("j2", "j3"));
  EXPECT_THAT(Claim("a", Instant{50}, Instant{100}, 2), ElementsAre("j1"));
}

TEST_P(StoreTest, EndsAJobOnceAndOnlyForTheHolderOfTheNewestFence) {
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

TEST_P(StoreTest, RenewsTheLeasesThatAreStillHeld) {
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

TEST_P(StoreTest, ReturnsAJobOnlyForItsHolder) {
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

TEST_P(StoreTest, EndsAllLeasesWithoutTouchingEndedJobs) {
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
