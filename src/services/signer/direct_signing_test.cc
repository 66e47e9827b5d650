// SPDX-License-Identifier: Apache-2.0
//
// StartSigningJob without a profile, in the form that the guide of 2018 prints.

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::HasSubstr;

class DirectSigning : public SignerTest {
 protected:
  static StartSigningJobRequest Request(const std::string& token) {
    StartSigningJobRequest request = JobRequest("", token);
    request.profile_name.reset();
    request.destination.s3->prefix.reset();
    request.platform = kFreeRtos;
    request.signing_material = SigningMaterial{.certificate_arn = kEcArn};
    request.signing_parameters = StringMap{{"certname", "dev"}};
    return request;
  }
};

TEST_F(DirectSigning, SignsWithTheMaterialOfTheRequest) {
  const auto started = Start(Request("t1"));
  ASSERT_EQ(NameOfError(started), "no error");
  EXPECT_EQ(started->job_owner, kAccount.str());
  ASSERT_EQ(Run(), 1U);
  const auto job = Describe(*started->job_id);
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->status, "Succeeded");
  EXPECT_EQ(job->profile_name, std::nullopt);
  EXPECT_EQ(job->profile_version, std::nullopt);
  EXPECT_EQ(job->signing_material->certificate_arn, kEcArn);
  EXPECT_EQ(job->platform_id, kFreeRtos);
  EXPECT_EQ(*job->signing_parameters, (StringMap{{"certname", "dev"}}));
  EXPECT_EQ(job->signed_object->s3->key, *started->job_id);
}

TEST_F(DirectSigning, TakesThePlatformUnderEitherName) {
  StartSigningJobRequest request = Request("t1");
  request.platform_id = std::exchange(request.platform, std::nullopt);
  EXPECT_EQ(NameOfError(Start(request)), "no error");
  request = Request("t2");
  request.platform_id = kIot;
  EXPECT_EQ(NameOfError(Start(request)), "ValidationException") << "two different ones";
}

TEST_F(DirectSigning, AnswersARepeatedTokenWithTheFirstJob) {
  const auto first = Start(Request("t1"));
  ASSERT_EQ(NameOfError(first), "no error");
  EXPECT_EQ(Start(Request("t1"))->job_id, first->job_id);
  StartSigningJobRequest other = Request("t1");
  other.signing_parameters->clear();
  EXPECT_EQ(NameOfError(Start(other)), "ValidationException");
  EXPECT_EQ(Run(), 1U);
  certificates.Remove(kAccount, kHome, kEcArn);
  EXPECT_EQ(Start(Request("t1"))->job_id, first->job_id) << "whatever became of its material";
}

TEST_F(DirectSigning, RefusesWhatAProfileWouldRefuse) {
  const auto refused = [&](auto change) {
    StartSigningJobRequest request = Request("t1");
    change(request);
    return NameOfError(Start(std::move(request)));
  };
  using R = StartSigningJobRequest;
  EXPECT_EQ(refused([](R& r) { r.platform.reset(); }), "ValidationException");
  EXPECT_EQ(refused([](R& r) { r.platform = "Toaster"; }), "ResourceNotFoundException/PlatformNotFound");
  EXPECT_EQ(refused([](R& r) { r.signing_material.reset(); }), "ValidationException");
  EXPECT_EQ(refused([](R& r) { r.signing_material->certificate_arn = kEcArn + "x"; }), "ValidationException");
  EXPECT_EQ(refused([](R& r) { r.platform = kLambda; }), "ValidationException");
  EXPECT_EQ(refused([](R& r) { r.platform = kNotation; }), "ValidationException/ValidationException");
  EXPECT_EQ(refused([](R& r) { r.profile_owner = kAccount.str(); }), "ValidationException");
  EXPECT_EQ(*store.CountUnfinishedJobs(), 0);
}

TEST_F(DirectSigning, DoesNotMixWithAProfile) {
  MustPut("release");
  StartSigningJobRequest request = Request("t1");
  request.profile_name = "release";
  const auto refused = Start(request);
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_THAT(refused.error().message, HasSubstr("leave out profileName"));
}

TEST_F(DirectSigning, NeedsTheRightForAllProfiles) {
  const auto resolved = ResolveStartSigningJob(service, gateway.facts, Request("t1"));
  ASSERT_TRUE(resolved.has_value());
  EXPECT_EQ(resolved->arn, "arn:aws:signer:us-east-1:111122223333:/signing-profiles/*");
  EXPECT_EQ(resolved->owner, kAccount);
}

TEST_F(DirectSigning, CanBeSwitchedOff) {
  service.options.sign_without_profile = false;
  const auto refused = Start(Request("t1"));
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_EQ(refused.error().message, "profileName cannot be null.");
}

}  // namespace
}  // namespace firmsign::signer
