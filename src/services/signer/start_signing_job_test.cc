// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include "platform/db/testing/loses_answers.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

class StartSigningJob : public SignerTest {
 protected:
  StartSigningJob() {
    MustPut("release");
    gateway.records = 0;
  }
  std::int64_t Jobs() { return *store.CountUnfinishedJobs(); }
};

TEST_F(StartSigningJob, StoresTheJobAndItsRecordBeforeItAnswers) {
  const auto started = Start(JobRequest("release", "t1"));
  ASSERT_EQ(NameOfError(started), "no error");
  EXPECT_EQ(started->job_owner, kAccount.str());
  const Job job = MustFind(*started->job_id);
  EXPECT_EQ(job.status, "InProgress");
  EXPECT_EQ(job.invoker, kAccount);
  EXPECT_EQ(job.profile_name.str(), "release");
  EXPECT_EQ(job.platform_id, kFreeRtos);
  EXPECT_EQ(job.certificate_arn, kEcArn);
  EXPECT_EQ(job.source_bucket, "images");
  EXPECT_EQ(job.source_key, "firmware.bin");
  EXPECT_EQ(job.source_version, "v1");
  EXPECT_EQ(job.requested_by, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(job.created_at, gateway.facts.now);
  EXPECT_EQ(gateway.records, 1);
}

TEST_F(StartSigningJob, NamesTheSignedObjectPrefixAndJobId) {
  const std::string id = MustStart("release", "t1");
  EXPECT_EQ(MustFind(id).destination_bucket, "signed");
  EXPECT_EQ(MustFind(id).destination_key, "out/" + id);
  StartSigningJobRequest request = JobRequest("release", "t2");
  request.destination.s3->prefix.reset();
  const auto started = Start(request);
  ASSERT_EQ(NameOfError(started), "no error");
  EXPECT_EQ(MustFind(*started->job_id).destination_key, *started->job_id);
}

TEST_F(StartSigningJob, AsksForTheCallersRightsOnSourceAndDestination) {
  const std::string id = MustStart("release", "t1");
  EXPECT_THAT(gateway.required, Contains("s3:GetObjectVersion arn:aws:s3:::images/firmware.bin"));
  EXPECT_THAT(gateway.required, Contains("s3:PutObject arn:aws:s3:::signed/out/" + id));
}

TEST_F(StartSigningJob, ReturnsTheFirstJobWhenTheTokenRepeats) {
  const std::string first = MustStart("release", "t1");
  EXPECT_EQ(MustStart("release", "t1"), first);
  EXPECT_NE(MustStart("release", "t2"), first);
  EXPECT_EQ(Jobs(), 2);
}

TEST_F(StartSigningJob, ReturnsTheFirstJobAfterItEnded) {
  const std::string first = MustStart("release", "t1");
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(MustStart("release", "t1"), first);
  EXPECT_EQ(Run(), 0U);
}

TEST_F(StartSigningJob, ReturnsTheFirstJobAfterTheProfileWasCanceledAndTheImageRemoved) {
  const std::string first = MustStart("release", "t1");
  ASSERT_TRUE(Cancel("release"));
  objects.RemoveObject(kImage);
  EXPECT_EQ(MustStart("release", "t1"), first);
}

TEST_F(StartSigningJob, DoesNotAnswerForAJobThatMayBeThere) {
  db::testing::LosesAnswers losing(*database);
  Store unlucky_store(losing);
  Service unlucky{.store = unlucky_store,
                  .objects = objects,
                  .certificates = certificates,
                  .authority = authority,
                  .accounts = accounts,
                  .runner = runner,
                  .keyring = *keyring,
                  .audit_trail = audit_trail,
                  .events = events,
                  .random = random,
                  .policies = parsed_policies,
                  .options = {}};
  const auto start = [&] {
    return gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &signer::StartSigningJob>(
        unlucky, JobRequest("release", "t1"));
  };
  losing.loses_next = true;
  const auto first = start();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().origin, aws::ErrorOrigin::kUnavailable);
  const auto second = start();
  ASSERT_TRUE(second) << "the same token finds what has happened";
  EXPECT_EQ(MustFind(*second->job_id).token, "t1");
  EXPECT_EQ(store.CountUnfinishedJobs(), 1);
}

TEST_F(StartSigningJob, RefusesARepeatedTokenWithOtherParameters) {
  MustStart("release", "t1");
  MustPut("other_profile");
  objects.AddObject({"images", "firmware.bin", "v2"}, "firmware, version 2");
  StartSigningJobRequest other_version = JobRequest("release", "t1");
  other_version.source.s3->version = "v2";
  StartSigningJobRequest other_prefix = JobRequest("release", "t1");
  other_prefix.destination.s3->prefix = "elsewhere/";
  for (const StartSigningJobRequest& request : {other_version, other_prefix, JobRequest("other_profile", "t1")}) {
    const auto again = Start(request);
    ASSERT_EQ(NameOfError(again), "ValidationException");
    EXPECT_THAT(again.error().message, HasSubstr("clientRequestToken"));
  }
  EXPECT_EQ(Jobs(), 1);
}

TEST_F(StartSigningJob, KeepsTheTokensOfAccountsApart) {
  const std::string mine = MustStart("release", "t1");
  gateway::FakeGateway theirs(kStranger);
  StartSigningJobRequest request = JobRequest("release", "t1");
  request.profile_owner = kAccount.str();
  // A stranger's repeat of my token is a new request, which fails for want of rights and not for the token.
  const auto answer =
      theirs.Call<ops::StartSigningJob, &ResolveStartSigningJob, &signer::StartSigningJob>(service, request);
  EXPECT_EQ(NameOfError(answer), "AccessDeniedException");
}

TEST_F(StartSigningJob, TakesEveryCallWithoutATokenForANewOne) {
  StartSigningJobRequest request = JobRequest("release", "");
  request.client_request_token.reset();
  const auto one = Start(request);
  const auto two = Start(request);
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->job_id, two->job_id);
}

TEST_F(StartSigningJob, RefusesATokenThatIsTooLong) {
  EXPECT_EQ(NameOfError(Start(JobRequest("release", std::string(1025, 't')))), "ValidationException");
  EXPECT_EQ(NameOfError(Start(JobRequest("release", std::string(1024, 't')))), "no error");
}

TEST_F(StartSigningJob, SaysThatAProfileDoesNotExist) {
  const auto answer = Start(JobRequest("absent", "t1"));
  ASSERT_EQ(NameOfError(answer), "ResourceNotFoundException/ProfileNotFound");
  EXPECT_EQ(answer.error().message, "profile with name absent does not exist");
}

TEST_F(StartSigningJob, FindsAProfileOnlyInItsRegion) {
  gateway.facts.region = Region("eu-west-1");
  EXPECT_EQ(NameOfError(Start(JobRequest("release", "t1"))), "ResourceNotFoundException/ProfileNotFound");
}

TEST_F(StartSigningJob, RefusesACanceledProfile) {
  ASSERT_TRUE(Cancel("release"));
  const auto answer = Start(JobRequest("release", "t1"));
  ASSERT_EQ(NameOfError(answer), "ValidationException/ProfileNotActive");
  EXPECT_THAT(answer.error().message, AllOf(HasSubstr("release"), HasSubstr("Canceled")));
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(StartSigningJob, TellsAMissingObjectAndAForeignOneInTheSameWords) {
  objects.AddObject({"theirs", "firmware.bin", "v1"}, "secret firmware");
  std::vector<std::string> messages;
  for (const auto& [bucket, key, version] :
       {std::tuple("images", "firmware.bin", "absent"), std::tuple("theirs", "firmware.bin", "v1"),
        std::tuple("absent", "firmware.bin", "v1")}) {
    StartSigningJobRequest request = JobRequest("release", "t1");
    request.source.s3 = S3Source{.bucket_name = bucket, .key = key, .version = version};
    const auto answer = Start(request);
    ASSERT_EQ(NameOfError(answer), "AccessDeniedException") << bucket;
    messages.push_back(answer.error().message);
  }
  EXPECT_EQ(messages[0], "S3 object firmware.bin not accessible. Please check your permissions");
  EXPECT_EQ(messages[1], messages[0]);
  EXPECT_EQ(messages[2], messages[0]);
  EXPECT_EQ(Jobs(), 0);
  EXPECT_EQ(gateway.records, 0);
}

TEST_F(StartSigningJob, RefusesAMissingOrForeignDestination) {
  for (const char* bucket : {"absent", "theirs"}) {
    StartSigningJobRequest request = JobRequest("release", "t1");
    request.destination.s3->bucket_name = bucket;
    const auto answer = Start(request);
    ASSERT_EQ(NameOfError(answer), "AccessDeniedException") << bucket;
    EXPECT_THAT(answer.error().message, HasSubstr(bucket));
  }
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(StartSigningJob, RefusesBucketsOfAnotherRegion) {
  objects.AddObject({"far", "firmware.bin", "v1"}, "firmware");
  StartSigningJobRequest source = JobRequest("release", "t1");
  source.source.s3->bucket_name = "far";
  StartSigningJobRequest destination = JobRequest("release", "t1");
  destination.destination.s3->bucket_name = "far";
  for (const StartSigningJobRequest& request : {source, destination}) {
    const auto answer = Start(request);
    ASSERT_EQ(NameOfError(answer), "ValidationException");
    EXPECT_THAT(answer.error().message, AllOf(HasSubstr("eu-west-1"), HasSubstr("us-east-1")));
  }
}

TEST_F(StartSigningJob, RefusesAPrefixThatLeavesNoRoomForTheJobId) {
  StartSigningJobRequest request = JobRequest("release", "t1");
  request.destination.s3->prefix = std::string(1024 - 36, 'p');
  EXPECT_EQ(NameOfError(Start(request)), "no error");
  request = JobRequest("release", "t2");
  request.destination.s3->prefix = std::string(1024 - 35, 'p');
  const auto answer = Start(request);
  ASSERT_EQ(NameOfError(answer), "ValidationException");
  EXPECT_THAT(answer.error().message, HasSubstr("prefix"));
}

TEST_F(StartSigningJob, RefusesARequestWithoutItsParts) {
  StartSigningJobRequest no_source = JobRequest("release", "t1");
  no_source.source.s3.reset();
  StartSigningJobRequest no_destination = JobRequest("release", "t1");
  no_destination.destination.s3.reset();
  StartSigningJobRequest no_bucket = JobRequest("release", "t1");
  no_bucket.destination.s3->bucket_name.reset();
  StartSigningJobRequest no_profile = JobRequest("release", "t1");
  no_profile.profile_name.reset();
  for (const auto& request : {no_source, no_destination, no_bucket, no_profile}) {
    EXPECT_EQ(NameOfError(Start(request)), "ValidationException");
  }
  EXPECT_EQ(Jobs(), 0);
}

}  // namespace
}  // namespace firmsign::signer
