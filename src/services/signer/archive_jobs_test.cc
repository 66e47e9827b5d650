// SPDX-License-Identifier: Apache-2.0
//
// Jobs on AWSLambda-SHA384-ECDSA: a zip archive goes in, and comes out with its signature inside.

#include <gmock/gmock.h>

#include "engine/signing/signed_zip.h"
#include "engine/signing/testing/memory_image.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ArchiveJobs : public SignerTest {
 protected:
  ArchiveJobs() {
    PutSigningProfileRequest request = ProfileRequest("lambda", kLambda);
    request.signing_material.reset();
    request.signature_validity_period = SignatureValidityPeriod{.value = 7, .type = "DAYS"};
    CHECK(Put(std::move(request)).has_value());
    gateway.facts.now = clock.Now();
  }
  std::string MustStartWith(const std::string& vector, bool has_digest = true) {
    objects.AddObject(kImage, crypto::Vector("zip/" + vector + ".zip"), has_digest);
    return MustStart("lambda", vector);
  }
  // How the job ended: its reason.
  std::string ReasonOf(const std::string& id) {
    CHECK(Run() == 1);
    return *Describe(id)->status_reason;
  }
};

TEST_F(ArchiveJobs, WriteAnArchiveThatTheRootVerifies) {
  const std::string id = MustStartWith("python");
  ASSERT_EQ(ReasonOf(id), "Signing Succeeded");
  const auto job = Describe(id);
  EXPECT_EQ(job->signed_object->s3->key, "out/" + id + ".zip");
  EXPECT_EQ(job->signature_expires_at, clock.Now() + std::chrono::hours(7 * 24));

  const auto published = ports::FakeObjectStore::AllPublished(*database);
  ASSERT_THAT(published, SizeIs(1));
  EXPECT_EQ(published[0].key, "out/" + id + ".zip");
  signing::MemoryImage image(published[0].content);
  const auto verified = signing::VerifySignedZip(image, authority.Show()->root, clock.Now());
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  EXPECT_EQ(verified->facts.job_arn, "arn:aws:signer:us-east-1:111122223333:/signing-jobs/" + id);
  EXPECT_EQ(verified->facts.profile_version_arn,
            Get({.profile_name = "lambda", .profile_owner = {}})->profile_version_arn);
  EXPECT_EQ(verified->facts.expires_at, *job->signature_expires_at);
}

TEST_F(ArchiveJobs, FailWithWhatIsWrongWithTheArchive) {
  EXPECT_THAT(ReasonOf(MustStart("lambda", "t1")), HasSubstr("zip")) << "firmware is no archive";
  EXPECT_THAT(ReasonOf(MustStartWith("empty")), HasSubstr("zip"));
  EXPECT_THAT(ReasonOf(MustStartWith("encrypted")), HasSubstr("encrypted"));
  EXPECT_THAT(ports::FakeObjectStore::AllPublished(*database), SizeIs(0));
}

TEST_F(ArchiveJobs, DoNotSignWhatIsSigned) {
  const std::string first = MustStartWith("python");
  ASSERT_EQ(ReasonOf(first), "Signing Succeeded");
  objects.AddObject(kImage, ports::FakeObjectStore::AllPublished(*database)[0].content);
  const std::string second = MustStart("lambda", "again");
  EXPECT_THAT(ReasonOf(second), HasSubstr("signed"));
  EXPECT_EQ(Describe(second)->signature_expires_at, std::nullopt) << "there is no signature";
}

TEST_F(ArchiveJobs, FailWhenTheirSignatureWouldHaveExpiredBefore) {
  const std::string id = MustStartWith("python");
  clock.Advance(std::chrono::hours(7 * 24));
  EXPECT_THAT(ReasonOf(id), HasSubstr("would have expired"));
}

TEST_F(ArchiveJobs, FailWhenTheStoredBytesAreNotWhatWasUploaded) {
  const std::string id = MustStartWith("python");
  std::string rotten = crypto::Vector("zip/python.zip");
  rotten[rotten.size() / 2] = static_cast<char>(rotten[rotten.size() / 2] ^ 1);
  objects.Corrupt(kImage, rotten);
  EXPECT_NE(ReasonOf(id), "Signing Succeeded");
  EXPECT_THAT(ports::FakeObjectStore::AllPublished(*database), SizeIs(0));
}

}  // namespace
}  // namespace firmsign::signer
