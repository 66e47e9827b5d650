// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include "engine/signing/notation_envelope.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPayload =
    R"({"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
    R"("digest":"sha256:73c803930ea3ba1e54bc25c2bdc53edd0284c62ed651fe7b00369da519a3c333","size":16724}})";

class SignPayload : public SignerTest {
 protected:
  SignPayload() {
    gateway.facts.now = clock.Now();
    MustPut("images", kNotation);
  }

  static SignPayloadRequest Request(const std::string& profile = "images") {
    SignPayloadRequest request;
    request.profile_name = profile;
    request.payload = kPayload;
    request.payload_format = std::string(signing::kNotationPayloadFormat);
    return request;
  }
  std::expected<SignPayloadResponse, aws::ApiError> Sign(SignPayloadRequest request) {
    return gateway.Call<ops::SignPayload, &ResolveSignPayload, &signer::SignPayload>(service, std::move(request));
  }
};

TEST_F(SignPayload, AnswersWithAnEnvelopeThatTheRootVerifies) {
  const auto answer = Sign(Request());
  ASSERT_EQ(NameOfError(answer), "no error");
  EXPECT_EQ(answer->job_owner, kAccount.str());
  EXPECT_THAT(*answer->metadata, Contains(testing::Key("io.cncf.notary.x509chain.thumbprint#S256")));
  const auto verified = signing::VerifyNotationEnvelope(*answer->signature, authority.Show()->root, gateway.facts.now);
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  EXPECT_EQ(verified->payload, kPayload);
  EXPECT_EQ(verified->signature.facts.job_arn,
            "arn:aws:signer:us-east-1:111122223333:/signing-jobs/" + *answer->job_id);
  EXPECT_EQ(verified->signature.facts.profile_version_arn,
            Get({.profile_name = "images", .profile_owner = {}})->profile_version_arn);
  EXPECT_EQ(verified->signature.facts.expires_at, AddMonths(gateway.facts.now, 135));
}

TEST_F(SignPayload, LeavesAnEndedJobBehind) {
  const auto answer = Sign(Request());
  ASSERT_EQ(NameOfError(answer), "no error");
  const auto job = Describe(*answer->job_id);
  ASSERT_EQ(NameOfError(job), "no error");
  EXPECT_EQ(job->status, "Succeeded");
  EXPECT_EQ(job->completed_at, job->created_at);
  EXPECT_EQ(job->signature_expires_at, AddMonths(gateway.facts.now, 135));
  EXPECT_FALSE(job->source);
  EXPECT_FALSE(job->signed_object);
  EXPECT_EQ(job->signing_material->certificate_arn, std::nullopt);
  EXPECT_EQ(Run(), 0U) << "nothing is left to do";
  EXPECT_EQ(gateway.records, 2) << "of the profile and of the call";
  const auto records = ports::FakeAuditTrail::AllWritten(*database);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].event_name, "CodeSigningKeyIssue") << "it was the first signature";
  EXPECT_EQ(records[1].event_name, "SigningJobStatusChange");
  EXPECT_THAT(records[1].json, HasSubstr("signedDigest"));
}

TEST_F(SignPayload, RefusesProfilesThatSignObjectsOrNothing) {
  MustPut("firmware", kIot);
  const auto refused = Sign(Request("firmware"));
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_THAT(refused.error().message, HasSubstr("use StartSigningJob"));
  const auto start = Start(JobRequest("images", "t1"));
  ASSERT_EQ(NameOfError(start), "ValidationException/ValidationException");
  EXPECT_THAT(start.error().message, HasSubstr("use SignPayload"));
  EXPECT_EQ(NameOfError(Sign(Request("absent"))), "ResourceNotFoundException/ProfileNotFound");
  ASSERT_TRUE(Cancel("images"));
  EXPECT_EQ(NameOfError(Sign(Request())), "ValidationException/ProfileNotActive");
  EXPECT_THAT(ports::FakeAuditTrail::AllWritten(*database), IsEmpty());
}

TEST_F(SignPayload, RefusesWhatIsNoPayload) {
  SignPayloadRequest format = Request();
  format.payload_format = "application/json";
  EXPECT_EQ(NameOfError(Sign(format)), "ValidationException");
  for (const char* text : {"", "firmware", "[]", "{}", R"({"targetArtifact":1})"}) {
    SignPayloadRequest request = Request();
    request.payload = text;
    EXPECT_EQ(NameOfError(Sign(request)), "ValidationException") << text;
  }
}

}  // namespace
}  // namespace firmsign::signer
