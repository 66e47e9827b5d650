// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Revocation : public SignerTest {
 protected:
  Revocation() { version_arn_ = MustPut("release", kIot); }

  std::expected<RevokeSigningProfileResponse, aws::ApiError> RevokeProfile(Instant effective_from) {
    RevokeSigningProfileRequest request;
    request.profile_name = "release";
    request.profile_version = version_arn_.substr(version_arn_.rfind('/') + 1);
    request.reason = "the key leaked";
    request.effective_time = effective_from;
    return Call<ops::RevokeSigningProfile, &RevokeSigningProfile>(std::move(request));
  }
  std::expected<RevokeSignatureResponse, aws::ApiError> RevokeJob(const std::string& id,
                                                                  std::optional<std::string> owner = {}) {
    RevokeSignatureRequest request;
    request.job_id = id;
    request.job_owner = std::move(owner);
    request.reason = "bad image";
    return gateway.Call<ops::RevokeSignature, &ResolveRevokeSignature, &RevokeSignature>(service, std::move(request));
  }
  GetRevocationStatusRequest Question(const std::string& job_id) {
    GetRevocationStatusRequest request;
    request.signature_timestamp = gateway.facts.now;
    request.platform_id = kIot;
    request.profile_version_arn = version_arn_;
    request.job_arn = "arn:aws:signer:us-east-1:111122223333:/signing-jobs/" + job_id;
    request.certificate_hashes = {std::string(192, 'a')};
    return request;
  }
  std::expected<GetRevocationStatusResponse, aws::ApiError> Ask(GetRevocationStatusRequest request) {
    return Call<ops::GetRevocationStatus, &GetRevocationStatus>(std::move(request));
  }
  std::vector<std::string> Revoked(GetRevocationStatusRequest request) {
    const auto answer = Ask(std::move(request));
    return answer ? *answer->revoked_entities : std::vector<std::string>{NameOfError(answer)};
  }
  std::string MustSign() {
    const std::string id = MustStart("release", "token " + std::to_string(++signed_));
    CHECK(Run() == 1);
    return id;
  }

  std::string version_arn_;
  int signed_ = 0;
};

TEST_F(Revocation, OfAProfileCountsFromItsEffectiveTimeOn) {
  const std::string id = MustSign();
  const Instant from = gateway.facts.now - hours(2);
  ASSERT_EQ(NameOfError(RevokeProfile(from)), "no error");
  const auto got = Get({.profile_name = "release", .profile_owner = {}});
  EXPECT_EQ(got->status, "Revoked");
  EXPECT_EQ(got->status_reason, "the key leaked");
  ASSERT_TRUE(got->revocation_record);
  EXPECT_EQ(got->revocation_record->revocation_effective_from, from);
  EXPECT_EQ(got->revocation_record->revoked_at, gateway.facts.now);
  EXPECT_EQ(got->revocation_record->revoked_by, "arn:aws:iam::111122223333:root");

  GetRevocationStatusRequest question = Question(id);
  EXPECT_THAT(Revoked(question), ElementsAre(version_arn_));
  question.signature_timestamp = from;
  EXPECT_THAT(Revoked(question), ElementsAre(version_arn_));
  question.signature_timestamp = from - std::chrono::seconds(1);
  EXPECT_THAT(Revoked(question), IsEmpty());
  question = Question(id);
  question.profile_version_arn = version_arn_.substr(0, version_arn_.rfind('/')) + "/0123456789";
  EXPECT_THAT(Revoked(question), IsEmpty()) << "another version";
}

TEST_F(Revocation, OfAProfileCanOnlyMoveToAnEarlierTime) {
  const Instant from = gateway.facts.now - hours(2);
  ASSERT_EQ(NameOfError(RevokeProfile(from)), "no error");
  const auto later = RevokeProfile(from + hours(1));
  ASSERT_EQ(NameOfError(later), "ValidationException");
  EXPECT_THAT(later.error().message, HasSubstr("can only be moved to an earlier one"));
  EXPECT_EQ(NameOfError(RevokeProfile(from)), "no error") << "a repeat changes nothing";
  ASSERT_EQ(NameOfError(RevokeProfile(from - hours(1))), "no error");
  EXPECT_EQ(Get({.profile_name = "release", .profile_owner = {}})->revocation_record->revocation_effective_from,
            from - hours(1));
  EXPECT_EQ(NameOfError(RevokeProfile(gateway.facts.now + hours(1))), "ValidationException") << "in the future";
}

TEST_F(Revocation, EndsAProfile) {
  const std::string before = MustStart("release", "t1");
  ASSERT_EQ(NameOfError(RevokeProfile(gateway.facts.now)), "no error");
  EXPECT_EQ(NameOfError(Start(JobRequest("release", "t2"))), "ValidationException/ProfileNotActive");
  const auto repeat = Start(JobRequest("release", "t1"));
  ASSERT_EQ(NameOfError(repeat), "no error") << "a token is answered whatever became of the profile";
  EXPECT_EQ(*repeat->job_id, before);
  const auto cancel = Cancel("release");
  ASSERT_EQ(NameOfError(cancel), "ValidationException");
  EXPECT_EQ(cancel.error().message,
            "Signing Profile release cannot be canceled because it has been revoked. A revoked profile cannot be "
            "canceled.");
  EXPECT_EQ(NameOfError(Put(ProfileRequest("release", kIot))), "ValidationException/ProfileAlreadyExists");
}

TEST_F(Revocation, OfAProfileEndsTheJobsThatAreUnderWay) {
  const std::string id = MustStart("release", "t1");
  ASSERT_EQ(NameOfError(RevokeProfile(gateway.facts.now)), "no error");
  ASSERT_EQ(Run(), 1U);
  const auto job = Describe(id);
  EXPECT_EQ(job->status, "Failed");
  EXPECT_EQ(job->status_reason, "Signing Profile release was revoked meanwhile.");
  EXPECT_THAT(ports::FakeObjectStore::AllPublished(*database), IsEmpty());
  EXPECT_EQ(Run(), 0U) << "it has ended";
}

TEST_F(Revocation, OfACanceledProfileIsPossible) {
  ASSERT_TRUE(Cancel("release"));
  ASSERT_EQ(NameOfError(RevokeProfile(gateway.facts.now)), "no error");
  EXPECT_EQ(Get({.profile_name = "release", .profile_owner = {}})->status, "Revoked");
}

TEST_F(Revocation, OfAProfileNeedsItsVersion) {
  version_arn_ = "/0123456789";
  const auto refused = RevokeProfile(gateway.facts.now);
  ASSERT_EQ(NameOfError(refused), "ResourceNotFoundException/ProfileVersionNotFound");
  RevokeSigningProfileRequest request;
  request.profile_name = "absent";
  request.effective_time = gateway.facts.now;
  EXPECT_EQ(NameOfError(Call<ops::RevokeSigningProfile, &RevokeSigningProfile>(std::move(request))),
            "ResourceNotFoundException/ProfileNotFound");
}

TEST_F(Revocation, OfASignatureCountsWhenever) {
  const std::string id = MustSign();
  const std::string other = MustSign();
  ASSERT_EQ(NameOfError(RevokeJob(id)), "no error");
  const auto job = Describe(id);
  ASSERT_TRUE(job && job->revocation_record);
  EXPECT_EQ(job->revocation_record->reason, "bad image");
  EXPECT_EQ(job->revocation_record->revoked_at, gateway.facts.now);
  EXPECT_EQ(job->status, "Succeeded");
  gateway.facts.now = gateway.facts.now + hours(1);
  ASSERT_EQ(NameOfError(RevokeJob(id)), "no error") << "a repeat changes nothing";
  EXPECT_EQ(Describe(id)->revocation_record->revoked_at, job->revocation_record->revoked_at);

  GetRevocationStatusRequest question = Question(id);
  question.signature_timestamp = Instant{1};
  EXPECT_THAT(Revoked(question), ElementsAre(question.job_arn));
  EXPECT_THAT(Revoked(Question(other)), IsEmpty());
}

TEST_F(Revocation, NeedsASignature) {
  const std::string waiting = MustStart("release", "t1");
  const auto refused = RevokeJob(waiting);
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_THAT(refused.error().message, HasSubstr("there is no signature to revoke"));
  EXPECT_EQ(NameOfError(RevokeJob("00000000-0000-4000-8000-000000000000")), "ResourceNotFoundException/JobNotFound");
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(NameOfError(RevokeJob(waiting, kStranger.str())), "ResourceNotFoundException/JobNotFound");
  EXPECT_EQ(NameOfError(RevokeJob(waiting, kAccount.str())), "no error");
  gateway.facts.caller = policy::RootOf(kStranger);
  EXPECT_EQ(NameOfError(RevokeJob(waiting)), "ResourceNotFoundException/JobNotFound") << "it cannot be probed";
}

TEST_F(Revocation, IsForLambdaAndNotationAloneWhenAwsIsFollowed) {
  const std::string id = MustSign();
  service.options.revoke_every_platform = false;
  EXPECT_EQ(NameOfError(RevokeProfile(gateway.facts.now)), "ValidationException");
  EXPECT_EQ(NameOfError(RevokeJob(id)), "ValidationException");
  GetRevocationStatusRequest question = Question(id);
  const auto refused = Ask(question);
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_EQ(refused.error().message, std::string("Invalid platformId: ") + kIot);
  question.platform_id = kLambda;
  EXPECT_EQ(NameOfError(Ask(question)), "ValidationException") << "AWS answers for images alone";
  question.platform_id = kNotation;
  EXPECT_THAT(Revoked(question), IsEmpty());
}

TEST_F(Revocation, IsAskedForWithNamesThatMeanSomething) {
  const GetRevocationStatusRequest good = Question(MustSign());
  const auto refused = [&](auto change) {
    GetRevocationStatusRequest question = good;
    change(question);
    return NameOfError(Ask(std::move(question)));
  };
  using Q = GetRevocationStatusRequest;
  EXPECT_EQ(refused([](Q&) {}), "no error");
  EXPECT_EQ(refused([](Q& q) { q.platform_id = "Toaster"; }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.profile_version_arn = q.job_arn; }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.profile_version_arn.replace(15, 9, "eu-west-1"); }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.job_arn += "/x"; }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.job_arn.replace(15, 9, "eu-west-1"); }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.certificate_hashes.clear(); }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.certificate_hashes[0].pop_back(); }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.certificate_hashes[0][5] = 'g'; }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.certificate_hashes.resize(21, q.certificate_hashes[0]); }), "ValidationException");
  EXPECT_EQ(refused([](Q& q) { q.job_arn.back() = q.job_arn.back() == '0' ? '1' : '0'; }), "no error")
      << "what does not exist is not revoked";
}

TEST_F(Revocation, OfAKeyOfTheAuthorityIsTold) {
  const auto before = authority.Current();
  ASSERT_TRUE(before.has_value());
  GetRevocationStatusRequest question = Question(MustSign());
  question.certificate_hashes = signing::RevocationHashes((*before)->chain);
  EXPECT_THAT(Revoked(question), IsEmpty());
  ASSERT_TRUE(authority.Rotate(ports::OldKeys::kLastRevoked, kNothing));
  EXPECT_THAT(Revoked(question), ElementsAre(question.certificate_hashes[0]));
  for (char& c : question.certificate_hashes[0]) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_THAT(Revoked(question), ElementsAre(question.certificate_hashes[0])) << "in either case";
  const auto after = authority.Current();
  ASSERT_TRUE(after.has_value());
  EXPECT_NE((*after)->chain[0].ToPem(), (*before)->chain[0].ToPem());
}

TEST_F(Revocation, MakesThePlatformsRevocable) {
  const auto platform = [&] {
    GetSigningPlatformRequest request;
    request.platform_id = kIot;
    return *Call<ops::GetSigningPlatform, &GetSigningPlatform>(std::move(request))->revocation_supported;
  };
  EXPECT_TRUE(platform());
  service.options.revoke_every_platform = false;
  EXPECT_FALSE(platform());
}

}  // namespace
}  // namespace firmsign::signer
