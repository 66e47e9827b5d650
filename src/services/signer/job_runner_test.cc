// SPDX-License-Identifier: Apache-2.0

#include "services/signer/job_runner.h"

#include <gmock/gmock.h>

#include <mutex>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "platform/db/testing/loses_answers.h"
#include "platform/json/json.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobRunnerTest : public SignerTest {
 protected:
  JobRunnerTest() {
    MustPut("release");
    MustPut("detached", kIot);
  }
  auto Published() { return ports::FakeObjectStore::AllPublished(*database); }
  auto Announced() { return ports::FakeEventBus::AllAnnounced(*database); }
  auto Records() { return ports::FakeAuditTrail::AllWritten(*database); }
  // What a job that failed says of itself.
  std::string ReasonOf(const std::string& id) {
    const Job job = MustFind(id);
    return job.status == "Failed" ? job.status_reason : "not failed but " + job.status;
  }
  static std::string Text(const json::Value& value, std::string_view name) {
    const json::Value* member = value.Find(name);
    return member == nullptr || member->AsString() == nullptr ? "" : *member->AsString();
  }
};

TEST_F(JobRunnerTest, PublishesObjectOutcomeEventAndRecordTogether) {
  const std::string id = MustStart("detached", "t1");
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "Succeeded");
  EXPECT_EQ(MustFind(id).completed_at, clock.Now());

  ASSERT_THAT(Published(), SizeIs(1));
  EXPECT_EQ(Published()[0].bucket, "signed");
  EXPECT_EQ(Published()[0].key, "out/" + id);
  const auto object = json::Parse(Published()[0].content);
  ASSERT_TRUE(object) << Published()[0].content;
  const auto signature = DecodeBase64(Text(*object, "signature"));
  ASSERT_TRUE(signature);
  const auto key = crypto::PublicKey::FromPem(crypto::Vector("crypto/p256.pub.pem"));
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "firmware, version 1");
  EXPECT_TRUE(key->VerifyDigest(crypto::Hash::kSha256, digest, *signature));

  ASSERT_THAT(Announced(), SizeIs(1));
  EXPECT_EQ(Announced()[0].resource, "arn:aws:signer:us-east-1:111122223333:/signing-jobs/" + id);
  EXPECT_THAT(Announced()[0].detail, AllOf(HasSubstr(id), HasSubstr(R"("status":"Succeeded")")));
  ASSERT_THAT(Records(), SizeIs(1));
  EXPECT_EQ(Records()[0].event_name, "SigningJobStatusChange");
  EXPECT_THAT(Records()[0].json, AllOf(HasSubstr(id), HasSubstr(EncodeHex(digest))));
  EXPECT_EQ(runner.succeeded(), 1);
  EXPECT_EQ(objects.discarded, 0);
}

TEST_F(JobRunnerTest, GivesUpAJobWhoseHoldersAllDied) {
  const std::string id = MustStart("detached", "t1");
  // Each claim is that of a node that ended before it said anything more.
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(store.ClaimJobs("dead", clock.Now(), clock.Now() + std::chrono::seconds(60), 10)->size(), 1U);
    clock.Advance(std::chrono::seconds(61));
  }
  ASSERT_EQ(*runner.RunWaiting(), 1U);
  EXPECT_EQ(MustFind(id).status, "Failed");
  EXPECT_THAT(MustFind(id).status_reason, HasSubstr("The server ended each time"));
  EXPECT_THAT(ports::FakeObjectStore::AllPublished(*database), IsEmpty());
}

TEST_F(JobRunnerTest, DoesNotCountClaimsThatWereGivenBack) {
  const std::string id = MustStart("detached", "t1");
  for (int i = 0; i < 20; ++i) {
    const auto claimed = store.ClaimJobs("node", clock.Now(), clock.Now() + std::chrono::seconds(60), 10);
    ASSERT_EQ(claimed->size(), 1U);
    ASSERT_TRUE(store.ReturnJobs(std::array{JobLease{claimed->front().id, claimed->front().fence}}, Instant{0}));
  }
  ASSERT_EQ(*runner.RunWaiting(), 1U);
  EXPECT_EQ(MustFind(id).status, "Succeeded") << "an outage is not the job's fault";
}

TEST_F(JobRunnerTest, LetsOneWaitForTheEndOfAJob) {
  Job job = MustFind(MustStart("detached", "t1"));
  EXPECT_FALSE(runner.AwaitEnd(job.id, std::chrono::hours(1))) << "this node does not have it in hand";
  job.lease_owner = "this node";
  runner.Submit({.job = job, .source = {}});
  EXPECT_TRUE(runner.AwaitEnd(job.id, std::chrono::milliseconds(0))) << "time was up";
  std::thread asks([&] { runner.AwaitEnd(job.id, std::chrono::hours(1)); });
  std::vector<Assignment> batch;
  batch.push_back({.job = job, .source = {}});
  runner.RunBatch(std::move(batch));
  asks.join();
  EXPECT_FALSE(runner.AwaitEnd(job.id, std::chrono::hours(1)));
}

TEST_F(JobRunnerTest, EndsEveryJobOfABatch) {
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(MustStart("release", "t" + std::to_string(i)));
  EXPECT_EQ(Run(), 40U);
  for (const std::string& id : ids) EXPECT_EQ(MustFind(id).status, "Succeeded");
  EXPECT_THAT(Published(), SizeIs(40));
  EXPECT_THAT(Announced(), SizeIs(40));
  EXPECT_EQ(Run(), 0U);
}

TEST_F(JobRunnerTest, SignsWithTheStoredDigestWithoutReadingTheImage) {
  Assignment assignment{.job = MustFind(MustStart("detached", "t1")), .source = objects.FindObject(kImage)->object};
  std::vector<Assignment> batch;
  batch.push_back(std::move(assignment));
  runner.RunBatch(std::move(batch));
  EXPECT_EQ(objects.opened, 0);
  EXPECT_EQ(runner.succeeded(), 1);
  EXPECT_THAT(objects.remembered, IsEmpty());
}

TEST_F(JobRunnerTest, RemembersADigestThatItHadToCompute) {
  objects.AddObject(kImage, "firmware, version 1", /*has_digest=*/false);
  MustStart("detached", "t1");
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(objects.remembered[ports::FakeObjectStore::Key(kImage)],
            crypto::DigestOf(crypto::Hash::kSha256, "firmware, version 1"));
}

TEST_F(JobRunnerTest, FailsAJobWhoseKeyIsOfAnotherType) {
  PutSigningProfileRequest request = ProfileRequest("wrong_key");
  request.signing_material->certificate_arn = kRsaArn;
  ASSERT_EQ(NameOfError(Put(request)), "no error");
  request = ProfileRequest("wrong_algorithm");
  request.overrides = SigningPlatformOverrides{
      .signing_configuration = SigningConfigurationOverrides{.encryption_algorithm = "RSA", .hash_algorithm = {}}};
  ASSERT_EQ(NameOfError(Put(request)), "no error");
  const std::string rsa = MustStart("wrong_key", "t1");
  const std::string ec = MustStart("wrong_algorithm", "t2");
  ASSERT_EQ(Run(), 2U);
  EXPECT_EQ(ReasonOf(rsa), "can't identify EC private key.");
  EXPECT_EQ(ReasonOf(ec), "can't identify RSA private key.");
  EXPECT_THAT(Published(), IsEmpty());
  ASSERT_THAT(Announced(), SizeIs(2));
  EXPECT_THAT(Announced()[0].detail, HasSubstr(R"("status":"Failed")"));
  EXPECT_THAT(Records(), SizeIs(2));
  EXPECT_EQ(runner.failed(), 2);
}

TEST_F(JobRunnerTest, LetsOneFailureOfABatchAlone) {
  PutSigningProfileRequest request = ProfileRequest("wrong_key");
  request.signing_material->certificate_arn = kRsaArn;
  ASSERT_EQ(NameOfError(Put(request)), "no error");
  const std::string good = MustStart("release", "t1");
  const std::string bad = MustStart("wrong_key", "t2");
  ASSERT_EQ(Run(), 2U);
  EXPECT_EQ(MustFind(good).status, "Succeeded");
  EXPECT_EQ(MustFind(bad).status, "Failed");
}

TEST_F(JobRunnerTest, FailsAJobWhoseCertificateIsGoneOrExpired) {
  const std::string gone = MustStart("release", "t1");
  certificates.Remove(kAccount, kHome, kEcArn);
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(gone), HasSubstr("no longer in ACM"));

  AddCertificate(kEcArn, "p256");
  const std::string expired = MustStart("release", "t2");
  clock.Set(*ParseIso8601("2127-01-01T00:00:00Z"));
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(expired), HasSubstr("expired on 2126-10-30"));
}

TEST_F(JobRunnerTest, FailsAJobWhoseImageIsGone) {
  const std::string id = MustStart("release", "t1");
  objects.RemoveObject(kImage);
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(id), AllOf(HasSubstr("firmware.bin"), HasSubstr("v1")));
}

TEST_F(JobRunnerTest, FailsAJobWhoseImageHasRotted) {
  objects.Corrupt(kImage, "firmware, version X");
  const std::string id = MustStart("release", "t1");  // embeds the image, so its bytes are read
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(id), HasSubstr("not what was uploaded"));
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(JobRunnerTest, FailsAJobWhoseImageIsTooLargeForThePlatform) {
  objects.AddObject(kImage, std::string(16 * 1024 * 1024 + 1, 'x'));
  const std::string id = MustStart("release", "t1");
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(id), AllOf(HasSubstr("16777217"), HasSubstr("16 MB")));
}

TEST_F(JobRunnerTest, FailsAJobWhoseDestinationVanishedWithEventAndRecord) {
  const std::string id = MustStart("release", "t1");
  const std::string other = MustStart("release", "t2");
  objects.RemoveBucket("signed");
  ASSERT_EQ(Run(), 2U);
  EXPECT_THAT(ReasonOf(id), HasSubstr("bucket signed"));
  EXPECT_THAT(ReasonOf(other), HasSubstr("bucket signed"));
  EXPECT_THAT(Announced(), SizeIs(2));
  EXPECT_THAT(Records(), SizeIs(2));
  EXPECT_EQ(objects.discarded, 2);
}

// Refuses records of success only, as no real trail does: the failure has to reach the job.
class GloomyTrail final : public ports::AuditTrail {
 public:
  explicit GloomyTrail(ports::AuditTrail& trail) : trail_(trail) {}
  Expected<void> Write(db::Transaction& transaction, const ports::AuditRecord& record) override {
    if (record.json.find("Succeeded") != std::string::npos) return Fail(Code::kInternal, "no such table");
    return trail_.Write(transaction, record);
  }
  Expected<void> WriteAlone(const ports::AuditRecord& record) override { return trail_.WriteAlone(record); }
  void Queue(ports::AuditRecord record) override { trail_.Queue(std::move(record)); }

 private:
  ports::AuditTrail& trail_;
};

TEST_F(JobRunnerTest, DoesNotBlameTheDestinationForAFailureOfItsOwn) {
  GloomyTrail gloomy(audit_trail);
  JobRunner other({.store = store,
                   .objects = objects,
                   .certificates = certificates,
                   .authority = authority,
                   .audit_trail = gloomy,
                   .events = events,
                   .random = random},
                  {.threads = 1, .queue_max = 0});
  const std::string id = MustStart("release", "t1");
  ASSERT_EQ(*other.RunWaiting(), 1U);
  EXPECT_THAT(ReasonOf(id), AllOf(HasSubstr("internal reason"), ::testing::Not(HasSubstr("bucket"))));
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(JobRunnerTest, SignsNothingElseWhenTheVersionNullIsReplaced) {
  const ports::ObjectName image{.bucket = "images", .key = "firmware.bin", .version = "null"};
  // Handed over in memory, and claimed from the store by whoever is there.
  for (const bool is_claimed : {false, true}) {
    objects.AddObject(image, "what was meant", /*has_digest=*/false);
    StartSigningJobRequest request = JobRequest("release", is_claimed ? "t2" : "t1");
    request.source.s3->version = "null";
    const auto started = Start(std::move(request));
    ASSERT_TRUE(started);
    std::vector<Assignment> batch;
    batch.push_back({.job = MustFind(*started->job_id), .source = objects.FindObject(image)->object});
    objects.AddObject(image, "what was meant, and something else", /*has_digest=*/false);
    if (is_claimed) {
      ASSERT_EQ(Run(), 1U);
    } else {
      runner.RunBatch(std::move(batch));
    }
    EXPECT_THAT(ReasonOf(*started->job_id), HasSubstr("was replaced"));
  }
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_THAT(objects.remembered, IsEmpty());
}

TEST_F(JobRunnerTest, HidesTheCauseOfAnInternalFailure) {
  const std::string id = MustStart("release", "t1");
  certificates.find_error = Error{Code::kInternal, "secret cause in /var/lib"};
  ASSERT_EQ(Run(), 1U);
  EXPECT_THAT(ReasonOf(id), HasSubstr("internal reason"));
  EXPECT_THAT(ReasonOf(id), ::testing::Not(HasSubstr("secret cause")));
}

TEST_F(JobRunnerTest, TriesAgainAfterAPassingFailure) {
  for (const Code code : {Code::kUnavailable, Code::kExhausted}) {
    const std::string id = MustStart("release", "t" + std::to_string(static_cast<int>(code)));
    objects.stage_error = Error{code, "the disk is full or away"};
    ASSERT_EQ(Run(), 1U);
    EXPECT_EQ(MustFind(id).status, "InProgress");
    EXPECT_EQ(Run(), 0U) << "it rests before the next try";
    objects.stage_error.reset();
    clock.Advance(std::chrono::seconds(5));
    EXPECT_EQ(Run(), 1U);
    EXPECT_EQ(MustFind(id).status, "Succeeded");
  }
  EXPECT_THAT(Published(), SizeIs(2));
  EXPECT_EQ(runner.failed(), 0);
}

TEST_F(JobRunnerTest, TriesAgainWhenPublishingFailsInPassing) {
  const std::string id = MustStart("release", "t1");
  objects.publish_error = Error{Code::kExhausted, "the disk is full"};
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "InProgress");
  EXPECT_THAT(Announced(), IsEmpty());
  objects.publish_error.reset();
  clock.Advance(std::chrono::seconds(5));
  EXPECT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "Succeeded");
  EXPECT_THAT(Published(), SizeIs(1));
}

TEST_F(JobRunnerTest, PublishesNothingWithoutItsRecord) {
  const std::string id = MustStart("release", "t1");
  audit_trail.write_error = Error{Code::kExhausted, "the disk is full"};
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "InProgress");
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_THAT(Announced(), IsEmpty());
  audit_trail.write_error.reset();
  clock.Advance(std::chrono::seconds(5));
  EXPECT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "Succeeded");
  EXPECT_THAT(Records(), SizeIs(1));
}

TEST_F(JobRunnerTest, ChangesNothingAsALateWorkerWithAnOldFence) {
  const std::string id = MustStart("release", "t1");
  Assignment late{.job = MustFind(id), .source = {}};
  JobRunner other(Parts(), {.threads = 1, .queue_max = 0});
  ASSERT_EQ(*other.RunWaiting(), 1U);
  std::vector<Assignment> batch;
  batch.push_back(std::move(late));
  runner.RunBatch(std::move(batch));
  EXPECT_THAT(Published(), SizeIs(1));
  EXPECT_THAT(Announced(), SizeIs(1));
  EXPECT_THAT(Records(), SizeIs(1));
  EXPECT_EQ(runner.succeeded(), 0);
  EXPECT_EQ(objects.discarded, 1) << "what the late worker staged is thrown away";
}

TEST_F(JobRunnerTest, ChangesNothingAsALateWorkerWhoseJobIsHeldByAnother) {
  const std::string id = MustStart("release", "t1");
  std::vector<Assignment> batch;
  batch.push_back({.job = MustFind(id), .source = {}});
  ASSERT_THAT(*store.ClaimJobs("another", clock.Now(), clock.Now() + std::chrono::seconds(60), 1), SizeIs(1));
  runner.RunBatch(std::move(batch));
  EXPECT_EQ(MustFind(id).status, "InProgress");
  EXPECT_EQ(MustFind(id).lease_owner, "another");
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_THAT(Announced(), IsEmpty());
}

TEST_F(JobRunnerTest, EndsAJobOnceThoughItsFirstWorkerDied) {
  const std::string id = MustStart("release", "t1");
  // A node that took the job and died before it published.
  ASSERT_THAT(*store.ClaimJobs("dead node", clock.Now(), clock.Now() + std::chrono::seconds(60), 1), SizeIs(1));
  EXPECT_EQ(Run(), 0U);
  clock.Advance(std::chrono::seconds(60));
  EXPECT_EQ(Run(), 1U);
  EXPECT_EQ(Run(), 0U);
  EXPECT_EQ(MustFind(id).status, "Succeeded");
  EXPECT_THAT(Published(), SizeIs(1));
  EXPECT_THAT(Records(), SizeIs(1));
}

TEST_F(JobRunnerTest, EndsLeftLeasesAtOnceWhenItStartsAsTheOnlyNode) {
  MustStart("release", "t1");
  ASSERT_THAT(*store.ClaimJobs("dead node", clock.Now(), clock.Now() + std::chrono::hours(1), 1), SizeIs(1));
  JobRunner next(Parts(), {.threads = 1, .poll = std::chrono::hours(1)});
  ASSERT_TRUE(next.Start(/*is_only_node=*/true));
  next.Stop();
  EXPECT_EQ(Run(), 1U);
}

TEST_F(JobRunnerTest, LeasesANewJobToItselfWhileItHasRoom) {
  JobRunner roomy(Parts(), {.threads = 1, .queue_max = 1});
  Job job;
  roomy.LeaseNewJob(job);
  EXPECT_FALSE(job.lease_owner.empty());
  EXPECT_EQ(job.lease_until, clock.Now() + std::chrono::seconds(60));
  EXPECT_EQ(job.fence, 1);
  roomy.Submit({.job = job, .source = {}});
  Job next;
  roomy.LeaseNewJob(next);
  EXPECT_TRUE(next.lease_owner.empty()) << "the queue is full";
  EXPECT_EQ(next.lease_until, Instant{0});
}

TEST_F(JobRunnerTest, RenewsTheLeasesOfWhatItHasInHandAndOfNothingElse) {
  JobRunner busy(Parts(), {.threads = 1});
  Service own = ServiceWith(busy);
  const auto started =
      gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(own, JobRequest("release", "t1"));
  ASSERT_TRUE(started);
  // Leased to the same node, but the answer of the database was lost: the node does not know of it.
  Job unknown = MustFind(*started->job_id);
  unknown.id = JobId("unknown");
  unknown.token = "t2";
  ASSERT_TRUE(
      database->InTransaction([&](db::Transaction& transaction) { return store.InsertJob(transaction, unknown); }));
  const Instant first = MustFind(*started->job_id).lease_until;
  clock.Advance(std::chrono::seconds(15));
  ASSERT_TRUE(busy.RenewLeases());
  EXPECT_EQ(MustFind(*started->job_id).lease_until, first) << "it has time";
  clock.Advance(std::chrono::seconds(15));
  ASSERT_TRUE(busy.RenewLeases());
  EXPECT_EQ(MustFind(*started->job_id).lease_until, clock.Now() + std::chrono::seconds(60));
  EXPECT_EQ(MustFind("unknown").lease_until, first);
  clock.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Run(), 1U) << "another node takes what nobody has in hand";
  EXPECT_EQ(MustFind("unknown").status, "Succeeded");
  EXPECT_EQ(MustFind(*started->job_id).status, "InProgress");
}

TEST_F(JobRunnerTest, KeepsTheBytesOfAnObjectThatMayBePublished) {
  // The database answers again, or it does not for a while.
  for (const bool goes_away : {false, true}) {
    const std::string id = MustStart("release", goes_away ? "t2" : "t1");
    const std::size_t before = Published().size();
    std::vector<Assignment> batch;
    auto claimed = store.ClaimJobs("node", clock.Now(), clock.Now() + std::chrono::seconds(60), 1);
    ASSERT_TRUE(claimed);
    for (Job& job : *claimed) batch.push_back({.job = std::move(job), .source = {}});
    db::testing::LosesAnswers losing(*database);
    losing.goes_away = goes_away;
    Store own(losing);
    JobRunnerParts parts = Parts();
    JobRunner unlucky(
        {own, parts.objects, parts.certificates, parts.authority, parts.audit_trail, parts.events, parts.random},
        {.threads = 1});
    losing.loses_next = true;
    const int abandoned_before = objects.abandoned;
    unlucky.RunBatch(std::move(batch));
    EXPECT_EQ(MustFind(id).status, "Succeeded");
    EXPECT_THAT(Published(), SizeIs(before + 1));
    EXPECT_EQ(objects.abandoned, abandoned_before + 1);
    EXPECT_EQ(objects.discarded, 0) << "the published version names these bytes";
  }
}

TEST_F(JobRunnerTest, AsksForChangedCertificatesBeforeABatch) {
  MustStart("release", "t1");
  const int before = certificates.catch_ups;
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(certificates.catch_ups, before + 1);
}

TEST_F(JobRunnerTest, GivesBackWhatIsQueuedWhenItStops) {
  JobRunner stopping(Parts(), {.threads = 1});
  Service own = ServiceWith(stopping);
  const auto started =
      gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(own, JobRequest("release", "t1"));
  ASSERT_TRUE(started);
  EXPECT_EQ(Run(), 0U) << "it is leased";
  stopping.Stop();
  EXPECT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(*started->job_id).status, "Succeeded");
}

// Run under ThreadSanitizer.
class JobRunnerConcurrency : public JobRunnerTest {
 protected:
  // Waits, without a limit of its own, until every job has ended.
  void AwaitAll() {
    while (*store.CountUnfinishedJobs() > 0) std::this_thread::yield();
  }
};

TEST_F(JobRunnerConcurrency, EndsEveryJobOnceThoughManyThreadsStartThem) {
  constexpr int kThreads = 4;
  constexpr int kJobsEach = 25;
  JobRunner busy(Parts(), {.threads = 3, .batch_max = 8, .queue_max = 16, .poll = std::chrono::milliseconds(1)});
  Service own = ServiceWith(busy);
  ASSERT_TRUE(busy.Start(/*is_only_node=*/true));
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < kThreads; ++client) {
      clients.emplace_back([&, client] {
        gateway::FakeGateway mine;
        for (int i = 0; i < kJobsEach; ++i) {
          const auto started = mine.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(
              own, JobRequest(i % 2 == 0 ? "release" : "detached", std::to_string(client) + "/" + std::to_string(i)));
          ASSERT_TRUE(started);
        }
      });
    }
  }
  AwaitAll();
  busy.Stop();
  std::set<std::string> keys;
  for (const auto& object : Published()) keys.insert(object.key);
  EXPECT_THAT(keys, SizeIs(kThreads * kJobsEach));
  EXPECT_THAT(Published(), SizeIs(kThreads * kJobsEach));
  EXPECT_THAT(Announced(), SizeIs(kThreads * kJobsEach));
  EXPECT_THAT(Records(), SizeIs(kThreads * kJobsEach));
  EXPECT_EQ(busy.succeeded(), kThreads * kJobsEach);
}

TEST_F(JobRunnerConcurrency, StartsOneJobThoughManyThreadsSendTheSameToken) {
  JobRunner busy(Parts(), {.threads = 2, .poll = std::chrono::milliseconds(1)});
  Service own = ServiceWith(busy);
  ASSERT_TRUE(busy.Start(/*is_only_node=*/true));
  std::mutex mutex;
  std::set<std::string> ids;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&] {
        gateway::FakeGateway mine;
        const auto started = mine.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(
            own, JobRequest("release", "same"));
        ASSERT_TRUE(started);
        const std::lock_guard lock(mutex);
        ids.insert(*started->job_id);
      });
    }
  }
  AwaitAll();
  busy.Stop();
  EXPECT_THAT(ids, SizeIs(1));
  EXPECT_THAT(Published(), SizeIs(1));
}

TEST_F(JobRunnerConcurrency, SharesJobsBetweenRunnersWithoutSigningOneTwice) {
  for (int i = 0; i < 60; ++i) MustStart("release", "t" + std::to_string(i));
  JobRunner one(Parts(), {.threads = 1, .batch_max = 4, .queue_max = 0, .poll = std::chrono::milliseconds(1)});
  JobRunner two(Parts(), {.threads = 1, .batch_max = 4, .queue_max = 0, .poll = std::chrono::milliseconds(1)});
  ASSERT_TRUE(one.Start(/*is_only_node=*/false));
  ASSERT_TRUE(two.Start(/*is_only_node=*/false));
  AwaitAll();
  one.Stop();
  two.Stop();
  EXPECT_THAT(Published(), SizeIs(60));
  EXPECT_EQ(one.succeeded() + two.succeeded(), 60);
}

TEST_F(JobRunnerConcurrency, ComesToWhatHadNoRoomWithoutBeingToldAgain) {
  JobRunner narrow(Parts(), {.threads = 2, .batch_max = 4, .queue_max = 4, .poll = std::chrono::hours(1)});
  Service own = ServiceWith(narrow);
  for (int i = 0; i < 60; ++i) {
    const auto started = gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(
        own, JobRequest("release", "t" + std::to_string(i)));
    ASSERT_TRUE(started);
  }
  ASSERT_TRUE(narrow.Start(/*is_only_node=*/false));
  MustStart("release", "the last to tell");
  AwaitAll();
  narrow.Stop();
  EXPECT_EQ(narrow.succeeded(), 61);
  EXPECT_THAT(Published(), SizeIs(61));
}

TEST_F(JobRunnerConcurrency, TakesAtOnceWhatAnotherNodeHasNoRoomFor) {
  JobRunner idle(Parts(), {.threads = 1, .poll = std::chrono::hours(1)});
  ASSERT_TRUE(idle.Start(/*is_only_node=*/false));
  MustStart("release", "t1");  // of a runner whose queue has no place
  AwaitAll();
  idle.Stop();
  EXPECT_EQ(idle.succeeded(), 1);
}

TEST_F(JobRunnerConcurrency, BeginsWithWhatWasQueuedBeforeItsThreads) {
  JobRunner early(Parts(), {.threads = 4, .poll = std::chrono::hours(1)});
  Service own = ServiceWith(early);
  for (int i = 0; i < 20; ++i) {
    const auto started = gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(
        own, JobRequest("release", "t" + std::to_string(i)));
    ASSERT_TRUE(started);
  }
  ASSERT_TRUE(early.Start(/*is_only_node=*/false));
  AwaitAll();
  early.Stop();
  EXPECT_EQ(early.succeeded(), 20);
}

}  // namespace
}  // namespace firmsign::signer
