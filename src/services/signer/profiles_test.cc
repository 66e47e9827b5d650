// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::UnorderedElementsAre;

class PutSigningProfile : public SignerTest {};
class GetSigningProfile : public SignerTest {};
class CancelSigningProfile : public SignerTest {};
class ListSigningProfiles : public SignerTest {
 protected:
  std::expected<ListSigningProfilesResponse, aws::ApiError> List(ListSigningProfilesRequest request) {
    return Call<ops::ListSigningProfiles, &signer::ListSigningProfiles>(std::move(request));
  }
  static std::vector<std::string> Names(const std::expected<ListSigningProfilesResponse, aws::ApiError>& answer) {
    std::vector<std::string> names;
    if (!answer) return {NameOfError(answer)};
    for (const SigningProfile& profile : *answer->profiles) names.push_back(*profile.profile_name);
    return names;
  }
};

TEST_F(PutSigningProfile, AnswersWithTheArnsOfTheNewProfile) {
  const auto put = Put(ProfileRequest("release"));
  ASSERT_EQ(NameOfError(put), "no error");
  EXPECT_EQ(put->arn, "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release");
  EXPECT_THAT(*put->profile_version, MatchesRegex("[A-Za-z0-9]{10}"));
  EXPECT_EQ(put->profile_version_arn, *put->arn + "/" + *put->profile_version);
  EXPECT_EQ(gateway.records, 1);
}

TEST_F(PutSigningProfile, RefusesANameThatIsTaken) {
  MustPut("release");
  const auto again = Put(ProfileRequest("release"));
  ASSERT_EQ(NameOfError(again), "ValidationException/ProfileAlreadyExists");
  EXPECT_EQ(again.error().message, "Profile with name release already exists");
}

TEST_F(PutSigningProfile, RefusesTheNameOfACanceledProfile) {
  MustPut("release");
  ASSERT_TRUE(Cancel("release"));
  EXPECT_EQ(NameOfError(Put(ProfileRequest("release"))), "ValidationException/ProfileAlreadyExists");
}

TEST_F(PutSigningProfile, GivesTheSameNameInAnotherRegion) {
  MustPut("release");
  gateway.facts.region = Region("eu-west-1");
  certificates.Add(kAccount, Region("eu-west-1"), kEcArn, (*certificates.Find(kAccount, kHome, kEcArn))->certificate,
                   (*certificates.Find(kAccount, kHome, kEcArn))->key);
  EXPECT_EQ(NameOfError(Put(ProfileRequest("release"))), "no error");
}

TEST_F(PutSigningProfile, RefusesAnUnknownPlatform) {
  EXPECT_EQ(NameOfError(Put(ProfileRequest("release", "Toaster-SHA256"))),
            "ResourceNotFoundException/PlatformNotFound");
}

TEST_F(PutSigningProfile, NeedsNoMaterialForThePlatformsWithKeysOfTheDeployment) {
  for (const char* platform : {kLambda, kNotation}) {
    PutSigningProfileRequest request =
        ProfileRequest(platform == std::string_view(kLambda) ? "lambda" : "notation", platform);
    const auto refused = Put(request);
    ASSERT_EQ(NameOfError(refused), "ValidationException");
    EXPECT_THAT(refused.error().message, HasSubstr("leave out signingMaterial"));
    request.signing_material.reset();
    ASSERT_EQ(NameOfError(Put(request)), "no error");
    const auto got = Get({.profile_name = request.profile_name, .profile_owner = {}});
    ASSERT_EQ(NameOfError(got), "no error");
    ASSERT_TRUE(got->signing_material);
    EXPECT_EQ(got->signing_material->certificate_arn, std::nullopt);
    EXPECT_EQ(got->signature_validity_period->value, 135);
    EXPECT_EQ(got->signature_validity_period->type, "MONTHS");
  }
}

TEST_F(PutSigningProfile, TakesAValidityOfAtMost135Months) {
  int number = 0;
  const auto put = [&](std::optional<std::int64_t> value, std::optional<std::string> type) {
    PutSigningProfileRequest request = ProfileRequest("profile_" + std::to_string(++number), kLambda);
    request.signing_material.reset();
    request.signature_validity_period = SignatureValidityPeriod{.value = value, .type = std::move(type)};
    return NameOfError(Put(request));
  };
  EXPECT_EQ(put(1, "DAYS"), "no error");
  EXPECT_EQ(put(4107, "DAYS"), "no error");
  EXPECT_EQ(put(135, "MONTHS"), "no error");
  EXPECT_EQ(put(11, "YEARS"), "no error");
  EXPECT_EQ(put(12, std::nullopt), "no error");
  EXPECT_EQ(put(std::nullopt, std::nullopt), "no error");
  EXPECT_EQ(put(0, "DAYS"), "ValidationException");
  EXPECT_EQ(put(-1, "MONTHS"), "ValidationException");
  EXPECT_EQ(put(4108, "DAYS"), "ValidationException");
  EXPECT_EQ(put(136, "MONTHS"), "ValidationException");
  EXPECT_EQ(put(12, "YEARS"), "ValidationException");
  EXPECT_EQ(put(INT64_MAX, "YEARS"), "ValidationException");
  EXPECT_EQ(put(std::nullopt, "DAYS"), "ValidationException");
}

TEST_F(PutSigningProfile, TellsFirstThatANameIsTaken) {
  MustPut("release");
  PutSigningProfileRequest request = ProfileRequest("release");
  request.signing_material.reset();
  EXPECT_EQ(NameOfError(Put(request)), "ValidationException/ProfileAlreadyExists");
}

TEST_F(PutSigningProfile, TakesAtMost16KibOfParameters) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.signing_parameters = StringMap{{"name", std::string((16 << 10) - 4, 'x')}};
  EXPECT_EQ(NameOfError(Put(request)), "no error");
  request.profile_name = "larger";
  request.signing_parameters = StringMap{{"name", std::string((16 << 10) - 3, 'x')}};
  const auto refused = Put(request);
  ASSERT_EQ(NameOfError(refused), "ValidationException");
  EXPECT_THAT(refused.error().message, HasSubstr("at most 16384"));
}

TEST_F(PutSigningProfile, TakesAtMostFiftyTags) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.tags.emplace();
  for (int i = 0; i < 51; ++i) request.tags->emplace("tag" + std::to_string(i), "value");
  EXPECT_EQ(NameOfError(Put(request)), "ValidationException");
  request.tags->erase("tag0");
  EXPECT_EQ(NameOfError(Put(request)), "no error");
}

TEST_F(PutSigningProfile, RefusesMissingMaterial) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.signing_material.reset();
  const auto answer = Put(request);
  ASSERT_EQ(NameOfError(answer), "ValidationException");
  EXPECT_EQ(answer.error().message, "signing material cannot be null.");
}

TEST_F(PutSigningProfile, RefusesACertificateThatIsNotInAcm) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.signing_material->certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/absent";
  const auto answer = Put(request);
  ASSERT_EQ(NameOfError(answer), "ValidationException");
  EXPECT_THAT(answer.error().message, HasSubstr("certificate/absent"));
  EXPECT_EQ(NameOfError(Get({.profile_name = "release"})), "ResourceNotFoundException/ProfileNotFound");
  EXPECT_EQ(gateway.records, 0);
}

TEST_F(PutSigningProfile, RefusesAnOverrideThatThePlatformDoesNotAllow) {
  PutSigningProfileRequest algorithm = ProfileRequest("release", kIot);
  algorithm.overrides = SigningPlatformOverrides{
      .signing_configuration = SigningConfigurationOverrides{.encryption_algorithm = "RSA", .hash_algorithm = {}}};
  PutSigningProfileRequest hash = ProfileRequest("release", kIot);
  hash.overrides = SigningPlatformOverrides{
      .signing_configuration = SigningConfigurationOverrides{.encryption_algorithm = {}, .hash_algorithm = "SHA1"}};
  for (const auto& request : {algorithm, hash}) {
    const auto answer = Put(request);
    ASSERT_EQ(NameOfError(answer), "ValidationException");
    EXPECT_THAT(answer.error().message, AllOf(HasSubstr("not allowed"), HasSubstr(kIot)));
  }
}

TEST_F(PutSigningProfile, RefusesAValidityPeriodForSignaturesThatDoNotExpire) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.signature_validity_period.emplace();
  EXPECT_EQ(NameOfError(Put(request)), "ValidationException");
}

TEST_F(PutSigningProfile, HidesAnInternalFailureOfTheCertificateStore) {
  certificates.find_error = Error{Code::kCorrupt, "row 7 of acm_certificates"};
  const auto answer = Put(ProfileRequest("release"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().origin, aws::ErrorOrigin::kInternal);
  EXPECT_THAT(answer.error().message, IsEmpty());
  EXPECT_THAT(answer.error().cause, HasSubstr("row 7"));
}

TEST_F(GetSigningProfile, ShowsWhatWasPut) {
  PutSigningProfileRequest request = ProfileRequest("release");
  request.overrides = SigningPlatformOverrides{
      .signing_configuration = SigningConfigurationOverrides{.encryption_algorithm = "RSA", .hash_algorithm = {}},
      .signing_image_format = "JSONDetached"};
  request.signing_material->certificate_arn = kRsaArn;
  request.signing_parameters = StringMap{{"certname", "dev"}};
  request.tags = StringMap{{"team", "firmware"}};
  ASSERT_EQ(NameOfError(Put(request)), "no error");
  const auto got = Get({.profile_name = "release"});
  ASSERT_EQ(NameOfError(got), "no error");
  EXPECT_EQ(got->profile_name, "release");
  EXPECT_EQ(got->platform_id, kFreeRtos);
  EXPECT_EQ(got->platform_display_name, "Amazon FreeRTOS SHA256-ECDSA");
  EXPECT_EQ(got->signing_material->certificate_arn, kRsaArn);
  ASSERT_TRUE(got->overrides && got->overrides->signing_configuration);
  EXPECT_EQ(got->overrides->signing_configuration->encryption_algorithm, "RSA");
  EXPECT_EQ(got->overrides->signing_configuration->hash_algorithm, std::nullopt);
  EXPECT_EQ(got->overrides->signing_image_format, "JSONDetached");
  EXPECT_EQ(got->signing_parameters, request.signing_parameters);
  EXPECT_EQ(got->tags, request.tags);
  EXPECT_EQ(got->status, "Active");
  EXPECT_THAT(got->status_reason.value_or(""), HasSubstr("is not valid before"));  // by the clock of the tests
}

TEST_F(GetSigningProfile, LeavesOutOverridesThatWereNotGiven) {
  MustPut("release");
  const auto got = Get({.profile_name = "release"});
  ASSERT_EQ(NameOfError(got), "no error");
  EXPECT_FALSE(got->overrides);
  EXPECT_FALSE(got->signing_parameters);
}

TEST_F(GetSigningProfile, SaysThatAProfileDoesNotExist) {
  EXPECT_EQ(NameOfError(Get({.profile_name = "absent"})), "ResourceNotFoundException/ProfileNotFound");
}

TEST_F(GetSigningProfile, ResolvesAForeignProfileToItsOwnerWhetherItExistsOrNot) {
  MustPut("release");
  for (const char* name : {"release", "absent"}) {
    const auto found = ResolveGetSigningProfile(service, gateway::FakeGateway(kStranger).facts,
                                                {.profile_name = name, .profile_owner = kAccount.str()});
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->owner, kAccount);
    EXPECT_EQ(found->arn, std::string("arn:aws:signer:us-east-1:111122223333:/signing-profiles/") + name);
  }
}

TEST_F(CancelSigningProfile, MakesAProfileCanceledWithAReason) {
  MustPut("release");
  ASSERT_EQ(NameOfError(Cancel("release")), "no error");
  const auto got = Get({.profile_name = "release"});
  ASSERT_EQ(NameOfError(got), "no error");
  EXPECT_EQ(got->status, "Canceled");
  EXPECT_EQ(got->status_reason, "Canceled by arn:aws:iam::111122223333:root");
}

TEST_F(CancelSigningProfile, CanBeRepeatedAndIsRecordedEachTime) {
  MustPut("release");
  gateway.records = 0;
  EXPECT_EQ(NameOfError(Cancel("release")), "no error");
  EXPECT_EQ(NameOfError(Cancel("release")), "no error");
  EXPECT_EQ(gateway.records, 2);
}

TEST_F(CancelSigningProfile, SaysThatAProfileDoesNotExist) {
  EXPECT_EQ(NameOfError(Cancel("absent")), "ResourceNotFoundException/ProfileNotFound");
}

TEST_F(CancelSigningProfile, LetsJobsThatWereAcceptedBeforeEnd) {
  MustPut("release");
  const std::string id = MustStart("release", "t1");
  ASSERT_EQ(NameOfError(Cancel("release")), "no error");
  ASSERT_EQ(Run(), 1U);
  EXPECT_EQ(MustFind(id).status, "Succeeded");
}

TEST_F(ListSigningProfiles, ShowsActiveProfilesByNameUnlessAskedForMore) {
  for (const char* name : {"bravo", "alpha", "charlie"}) MustPut(name);
  ASSERT_TRUE(Cancel("bravo"));
  EXPECT_THAT(Names(List({})), ElementsAre("alpha", "charlie"));
  EXPECT_THAT(Names(List({.include_canceled = true})), ElementsAre("alpha", "bravo", "charlie"));
  ListSigningProfilesRequest canceled;
  canceled.statuses = std::vector<std::string>{"Canceled"};
  EXPECT_THAT(Names(List(canceled)), ElementsAre("bravo"));
  ListSigningProfilesRequest platform;
  platform.platform_id = kIot;
  EXPECT_THAT(Names(List(platform)), IsEmpty());
}

TEST_F(ListSigningProfiles, ShowsEveryProfileOnceOverItsPages) {
  for (const char* name : {"p1", "p2", "p3", "p4", "p5"}) MustPut(name);
  ListSigningProfilesRequest request;
  request.max_results = 2;
  const auto first = List(request);
  EXPECT_THAT(Names(first), ElementsAre("p1", "p2"));
  request.next_token = first->next_token;
  const auto second = List(request);
  EXPECT_THAT(Names(second), ElementsAre("p3", "p4"));
  request.next_token = second->next_token;
  const auto third = List(request);
  EXPECT_THAT(Names(third), ElementsAre("p5"));
  EXPECT_FALSE(third->next_token);
}

TEST_F(ListSigningProfiles, GivesNoTokenWhenThePageEndsWithTheLastOne) {
  MustPut("p1");
  MustPut("p2");
  ListSigningProfilesRequest request;
  request.max_results = 2;
  EXPECT_FALSE(List(request)->next_token);
}

TEST_F(ListSigningProfiles, RefusesATokenThatIsNotItsOwn) {
  for (const char* token : {"garbage", "am9iLzEvMg==", ""}) {
    ListSigningProfilesRequest request;
    request.next_token = token;
    EXPECT_THAT(Names(List(request)), ElementsAre("ValidationException")) << token;
  }
}

TEST_F(ListSigningProfiles, HidesTheProfilesOfOtherAccounts) {
  MustPut("release");
  gateway.facts.caller = policy::RootOf(kStranger);
  EXPECT_THAT(Names(List({})), IsEmpty());
}

class SigningPlatforms : public SignerTest {};

TEST_F(SigningPlatforms, AreListedWithTheirAlgorithms) {
  const auto answer = Call<ops::ListSigningPlatforms, &ListSigningPlatforms>({});
  ASSERT_EQ(NameOfError(answer), "no error");
  std::vector<std::string> ids;
  for (const SigningPlatform& platform : *answer->platforms) ids.push_back(*platform.platform_id);
  EXPECT_THAT(
      ids, UnorderedElementsAre("AWSIoTDeviceManagement-SHA256-ECDSA", "AWSLambda-SHA384-ECDSA",
                                "AmazonFreeRTOS-TI-CC3220SF", "AmazonFreeRTOS-Default", "Notation-OCI-SHA384-ECDSA"));
  const auto one = Call<ops::GetSigningPlatform, &GetSigningPlatform>({.platform_id = kFreeRtos});
  ASSERT_EQ(NameOfError(one), "no error");
  EXPECT_THAT(one->signing_configuration->encryption_algorithm_options.allowed_values, ElementsAre("ECDSA", "RSA"));
  EXPECT_EQ(one->signing_configuration->encryption_algorithm_options.default_value, "ECDSA");
  EXPECT_EQ(one->signing_image_format->default_format, "JSONEmbedded");
  EXPECT_EQ(one->max_size_in_mb, 16);
}

TEST_F(SigningPlatforms, AreShownOnceOverTheirPages) {
  ListSigningPlatformsRequest request;
  request.max_results = 2;
  std::vector<std::string> ids;
  int pages = 0;
  do {
    const auto answer = Call<ops::ListSigningPlatforms, &ListSigningPlatforms>(request);
    ASSERT_EQ(NameOfError(answer), "no error");
    for (const SigningPlatform& platform : *answer->platforms) ids.push_back(*platform.platform_id);
    request.next_token = answer->next_token;
    ++pages;
  } while (request.next_token && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 5U);
}

TEST_F(SigningPlatforms, AreFilteredByPartnerAndTarget) {
  ListSigningPlatformsRequest request;
  request.partner = "AmazonFreeRTOS";
  request.target = "SHA256-ECDSA";
  const auto answer = Call<ops::ListSigningPlatforms, &ListSigningPlatforms>(request);
  ASSERT_EQ(NameOfError(answer), "no error");
  ASSERT_EQ(answer->platforms->size(), 1U);
  EXPECT_EQ(answer->platforms->front().platform_id, kFreeRtos);
}

TEST_F(SigningPlatforms, SayWhichOneDoesNotExist) {
  const auto answer = Call<ops::GetSigningPlatform, &GetSigningPlatform>({.platform_id = "Toaster"});
  EXPECT_EQ(NameOfError(answer), "ResourceNotFoundException/PlatformNotFound");
}

}  // namespace
}  // namespace firmsign::signer
