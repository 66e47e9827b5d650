// SPDX-License-Identifier: Apache-2.0
//
// The contract of the store about profiles, over every database.

#include "services/signer/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/signer/testing/store_fixture.h"

namespace firmsign::signer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST_P(StoreTest, ReturnsValidityAndRevocationOfAProfile) {
  Profile profile = MakeProfile("release");
  profile.validity = Validity{.value = 3, .type = "YEARS"};
  ASSERT_TRUE(Insert(profile));
  EXPECT_EQ(MustFindProfile("release").validity->value, 3);
  EXPECT_EQ(MustFindProfile("release").validity->type, "YEARS");
  EXPECT_FALSE(MustFindProfile("release").revocation);

  EXPECT_TRUE(RevokeProfile(profile, Instant{50}, Instant{70}));
  EXPECT_FALSE(RevokeProfile(profile, Instant{50}, Instant{71}));
  EXPECT_FALSE(RevokeProfile(profile, Instant{60}, Instant{71})) << "only an earlier time counts";
  EXPECT_TRUE(RevokeProfile(profile, Instant{40}, Instant{72}));
  const Profile revoked = MustFindProfile("release");
  EXPECT_EQ(revoked.status, "Revoked");
  EXPECT_EQ(revoked.revocation->effective_from, Instant{40});
  EXPECT_EQ(revoked.revocation->revoked_at, Instant{72});
  EXPECT_EQ(revoked.revocation->revoked_by, "arn:who");
  profile.version = ProfileVersion("0123456789");
  EXPECT_FALSE(RevokeProfile(profile, Instant{1}, Instant{73})) << "another version";
  EXPECT_FALSE(Cancel(revoked));
}

TEST_P(StoreTest, ReplacesTagsOnlyOfThoseThatWereRead) {
  Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  const auto replace = [&](const StringMap& tags) {
    return database->InTransaction([&](db::Transaction& t) { return store.ReplaceTags(t, profile, tags); });
  };
  ASSERT_TRUE(replace({{"stage", "test"}}));
  EXPECT_EQ(MustFindProfile("release").tags, (StringMap{{"stage", "test"}}));
  EXPECT_EQ(replace({}).error().code, Code::kConflict);
  profile = MustFindProfile("release");
  ASSERT_TRUE(replace({}));
  EXPECT_EQ(MustFindProfile("release").tags, StringMap());
}

TEST_P(StoreTest, ChangesAPolicyOnlyFromTheRevisionThatWasRead) {
  Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  const Statement first{
      .id = "b", .action = "signer:StartSigningJob", .principal = "444455556666", .profile_version = ""};
  const Statement second{.id = "a", .action = "signer:GetSigningProfile", .principal = "x", .profile_version = "v"};
  EXPECT_EQ(FindPolicy("release"), std::nullopt);
  ASSERT_TRUE(AddPermission(profile, first, "r1"));
  EXPECT_FALSE(AddPermission(profile, second, "r2")) << "the profile was read before the policy was there";
  profile.policy_revision = "r1";
  ASSERT_TRUE(AddPermission(profile, second, "r2"));
  const auto policy = FindPolicy("release");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->revision, "r2");
  EXPECT_THAT(policy->statements, ElementsAre(first, second));
  EXPECT_FALSE(RemovePermission(profile, "a", "r3")) << "an old revision";
  profile.policy_revision = "r2";
  EXPECT_FALSE(RemovePermission(profile, "absent", "r3"));
  EXPECT_EQ(FindPolicy("release")->revision, "r2") << "nothing happened";
  ASSERT_TRUE(RemovePermission(profile, "b", "r3"));
  profile.policy_revision = "r3";
  ASSERT_TRUE(RemovePermission(profile, "a", ""));
  EXPECT_EQ(FindPolicy("release"), std::nullopt);
  EXPECT_EQ(MustFindProfile("release").policy_revision, "");
}

TEST_P(StoreTest, GivesThePolicyOfACanceledProfileANewRevision) {
  Profile profile = MakeProfile("release");
  ASSERT_TRUE(Insert(profile));
  const Statement statement{.id = "a", .action = "signer:GetSigningProfile", .principal = "x", .profile_version = ""};
  ASSERT_TRUE(AddPermission(profile, statement, "r1"));
  ASSERT_TRUE(Cancel(profile));
  EXPECT_EQ(FindPolicy("release")->revision, "r2");
  profile.policy_revision = "r2";
  EXPECT_FALSE(RemovePermission(profile, "a", "")) << "it is not Active any more";
}

TEST_P(StoreTest, DeletesWhatWasCanceledLongAgoAndNothingElse) {
  for (const char* name : {"active", "old", "older", "new", "revoked"}) ASSERT_TRUE(Insert(MakeProfile(name)));
  const Statement statement{.id = "a", .action = "signer:GetSigningProfile", .principal = "x", .profile_version = ""};
  ASSERT_TRUE(AddPermission(MakeProfile("old"), statement, "r1"));
  ASSERT_TRUE(Cancel(MakeProfile("old"), Instant{20}));
  ASSERT_TRUE(Cancel(MakeProfile("older"), Instant{10}));
  ASSERT_TRUE(Cancel(MakeProfile("new"), Instant{100}));
  ASSERT_TRUE(Cancel(MakeProfile("revoked"), Instant{10}));
  ASSERT_TRUE(RevokeProfile(MakeProfile("revoked"), Instant{5}, Instant{11}));
  EXPECT_THAT(DeleteCanceled(Instant{100}, 1), ElementsAre("older"));
  EXPECT_THAT(DeleteCanceled(Instant{100}, 10), ElementsAre("old"));
  EXPECT_THAT(DeleteCanceled(Instant{100}, 10), IsEmpty());
  EXPECT_THAT(List(ProfileFilter{.account = account, .region = region}), ElementsAre("active", "new", "revoked"));
  ASSERT_TRUE(Insert(MakeProfile("old"))) << "the name is free again";
  EXPECT_EQ(FindPolicy("old"), std::nullopt) << "and its permissions are gone";
}

}  // namespace
}  // namespace firmsign::signer
