// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include <set>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DescribeSigningJob : public SignerTest {
 protected:
  DescribeSigningJob() { MustPut("release"); }
};

TEST_F(DescribeSigningJob, ShowsAJobInProgress) {
  const std::string id = MustStart("release", "t1");
  const auto job = Describe(id);
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->job_id, id);
  EXPECT_EQ(job->status, "InProgress");
  EXPECT_EQ(job->status_reason, std::nullopt);
  EXPECT_FALSE(job->signed_object);
  EXPECT_FALSE(job->completed_at);
  EXPECT_EQ(job->created_at, gateway.facts.now);
  EXPECT_EQ(job->profile_name, "release");
  EXPECT_EQ(job->platform_id, kFreeRtos);
  EXPECT_EQ(job->platform_display_name, "Amazon FreeRTOS SHA256-ECDSA");
  EXPECT_EQ(job->signing_material->certificate_arn, kEcArn);
  EXPECT_EQ(job->source->s3->bucket_name, "images");
  EXPECT_EQ(job->source->s3->key, "firmware.bin");
  EXPECT_EQ(job->source->s3->version, "v1");
  EXPECT_EQ(job->requested_by, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(job->job_owner, kAccount.str());
  EXPECT_EQ(job->job_invoker, kAccount.str());
}

TEST_F(DescribeSigningJob, ShowsWhereTheSignedObjectLiesOnceThereIsOne) {
  const std::string id = MustStart("release", "t1");
  ASSERT_EQ(Run(), 1U);
  const auto job = Describe(id);
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->status, "Succeeded");
  EXPECT_EQ(job->status_reason, "Signing Succeeded");
  ASSERT_TRUE(job->signed_object && job->signed_object->s3);
  EXPECT_EQ(job->signed_object->s3->bucket_name, "signed");
  EXPECT_EQ(job->signed_object->s3->key, "out/" + id);
  EXPECT_EQ(job->completed_at, clock.Now());
}

TEST_F(DescribeSigningJob, ShowsNoSignedObjectOfAFailedJob) {
  const std::string id = MustStart("release", "t1");
  objects.RemoveBucket("signed");
  ASSERT_EQ(Run(), 1U);
  const auto job = Describe(id);
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->status, "Failed");
  EXPECT_FALSE(job->signed_object);
}

TEST_F(DescribeSigningJob, KeepsShowingTheProfileAsItWasAtTheStart) {
  PutSigningProfileRequest request = ProfileRequest("special");
  request.overrides = SigningPlatformOverrides{.signing_configuration = {}, .signing_image_format = "JSONDetached"};
  request.signing_parameters = StringMap{{"certname", "dev"}};
  const auto put = Put(request);
  ASSERT_EQ(NameOfError(put), "no error");
  const auto job = Describe(MustStart("special", "t1"));
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->profile_version, put->profile_version);
  EXPECT_EQ(job->overrides->signing_image_format, "JSONDetached");
  EXPECT_EQ(job->signing_parameters, request.signing_parameters);
}

TEST_F(DescribeSigningJob, TellsAnUnknownJobAndAForeignOneInTheSameWords) {
  const std::string id = MustStart("release", "t1");
  gateway.facts.caller = policy::RootOf(kStranger);
  const auto foreign = Describe(id);
  const auto unknown = Describe("00000000-0000-4000-8000-000000000000");
  ASSERT_EQ(NameOfError(foreign), "ResourceNotFoundException/JobNotFound");
  ASSERT_EQ(NameOfError(unknown), "ResourceNotFoundException/JobNotFound");
  EXPECT_EQ(foreign.error().message, "Signing Job with id " + id + " does not exist.");
}

TEST_F(DescribeSigningJob, FindsAJobOnlyInItsRegion) {
  const std::string id = MustStart("release", "t1");
  gateway.facts.region = Region("eu-west-1");
  EXPECT_EQ(NameOfError(Describe(id)), "ResourceNotFoundException/JobNotFound");
}

class ListSigningJobs : public SignerTest {
 protected:
  ListSigningJobs() { MustPut("release"); }

  std::expected<ListSigningJobsResponse, aws::ApiError> List(ListSigningJobsRequest request) {
    return Call<ops::ListSigningJobs, &signer::ListSigningJobs>(std::move(request));
  }
  static std::vector<std::string> Ids(const std::expected<ListSigningJobsResponse, aws::ApiError>& answer) {
    if (!answer) return {NameOfError(answer)};
    std::vector<std::string> ids;
    for (const SigningJob& job : *answer->jobs) ids.push_back(*job.job_id);
    return ids;
  }
  // Each a second after the one before.
  std::string StartLater(const std::string& profile, const std::string& token) {
    gateway.facts.now = gateway.facts.now + std::chrono::seconds(1);
    return MustStart(profile, token);
  }
};

TEST_F(ListSigningJobs, ShowsTheNewestFirst) {
  const std::string one = StartLater("release", "t1");
  const std::string two = StartLater("release", "t2");
  EXPECT_THAT(Ids(List({})), ElementsAre(two, one));
}

TEST_F(ListSigningJobs, AppliesEveryFilter) {
  MustPut("iot_profile", kIot);
  const std::string ended = StartLater("release", "t1");
  ASSERT_EQ(Run(), 1U);
  const std::string waiting = StartLater("release", "t2");
  const std::string iot = StartLater("iot_profile", "t3");
  EXPECT_THAT(Ids(List({.status = "Succeeded"})), ElementsAre(ended));
  EXPECT_THAT(Ids(List({.status = "InProgress"})), ElementsAre(iot, waiting));
  ListSigningJobsRequest request;
  request.platform_id = kIot;
  EXPECT_THAT(Ids(List(request)), ElementsAre(iot));
  request.status = "Succeeded";
  EXPECT_THAT(Ids(List(request)), IsEmpty());
  request = {};
  request.requested_by = "arn:aws:iam::111122223333:user/somebody";
  EXPECT_THAT(Ids(List(request)), IsEmpty());
  request.requested_by = "arn:aws:iam::111122223333:root";
  EXPECT_THAT(Ids(List(request)), ElementsAre(iot, waiting, ended));
  request = {};
  request.job_invoker = kStranger.str();
  EXPECT_THAT(Ids(List(request)), IsEmpty());
  request = {};
  request.is_revoked = true;
  EXPECT_THAT(Ids(List(request)), IsEmpty());
  request.is_revoked = false;
  EXPECT_THAT(Ids(List(request)), ElementsAre(iot, waiting, ended));
  request = {};
  request.signature_expires_before = gateway.facts.now;
  EXPECT_THAT(Ids(List(request)), IsEmpty());
}

TEST_F(ListSigningJobs, ShowsEveryJobOnceOverItsPagesThoughNewOnesArrive) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(StartLater("release", "t" + std::to_string(i)));
  ListSigningJobsRequest request;
  request.max_results = 2;
  const auto first = List(request);
  EXPECT_THAT(Ids(first), ElementsAre(ids[4], ids[3]));
  StartLater("release", "newest");
  request.next_token = first->next_token;
  const auto second = List(request);
  EXPECT_THAT(Ids(second), ElementsAre(ids[2], ids[1]));
  request.next_token = second->next_token;
  const auto third = List(request);
  EXPECT_THAT(Ids(third), ElementsAre(ids[0]));
  EXPECT_FALSE(third->next_token);
}

TEST_F(ListSigningJobs, ShowsEveryJobOnceThoughAllBeganAtTheSameMoment) {
  std::set<std::string> started;
  for (int i = 0; i < 5; ++i) started.insert(MustStart("release", "t" + std::to_string(i)));
  ListSigningJobsRequest request;
  request.max_results = 1;
  std::set<std::string> seen;
  for (int page = 0; page < 5; ++page) {
    const auto answer = List(request);
    ASSERT_EQ(Ids(answer).size(), 1U);
    seen.insert(Ids(answer).front());
    request.next_token = answer->next_token;
  }
  EXPECT_FALSE(request.next_token);
  EXPECT_EQ(seen, started);
}

TEST_F(ListSigningJobs, RefusesATokenThatIsNotItsOwn) {
  for (const char* token : {"garbage", "bmFtZS9hbHBoYQ==", "am9iL3gvMg==", "am9iLzE="}) {
    ListSigningJobsRequest request;
    request.next_token = token;
    EXPECT_THAT(Ids(List(request)), ElementsAre("ValidationException")) << token;
  }
}

TEST_F(ListSigningJobs, HidesTheJobsOfOtherAccountsAndRegions) {
  StartLater("release", "t1");
  gateway.facts.region = Region("eu-west-1");
  EXPECT_THAT(Ids(List({})), IsEmpty());
  gateway.facts.region = kHome;
  gateway.facts.caller = policy::RootOf(kStranger);
  EXPECT_THAT(Ids(List({})), IsEmpty());
}

}  // namespace
}  // namespace firmsign::signer
