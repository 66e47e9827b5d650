// SPDX-License-Identifier: Apache-2.0

#include "services/signer/tags.h"

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::HasSubstr;

class Tags : public SignerTest {
 protected:
  Tags() { MustPut("release"); }

  auto Tag(const std::string& arn, StringMap tags) {
    return gateway.Call<ops::TagResource, &ResolveTagResource, &TagResource>(
        service, {.resource_arn = arn, .tags = std::move(tags)});
  }
  auto Untag(const std::string& arn, std::vector<std::string> keys) {
    return gateway.Call<ops::UntagResource, &ResolveUntagResource, &UntagResource>(
        service, {.resource_arn = arn, .tag_keys = std::move(keys)});
  }
  auto List(const std::string& arn) {
    return gateway.Call<ops::ListTagsForResource, &ResolveListTagsForResource, &ListTagsForResource>(
        service, {.resource_arn = arn});
  }

  const std::string arn_ = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release";
};

TEST_F(Tags, AreAddedReplacedAndRemoved) {
  EXPECT_EQ(List(arn_)->tags, StringMap());
  ASSERT_EQ(NameOfError(Tag(arn_, {{"team", "boot"}, {"stage", "test"}})), "no error");
  ASSERT_EQ(NameOfError(Tag(arn_, {{"team", "radio"}})), "no error");
  EXPECT_EQ(List(arn_)->tags, (StringMap{{"stage", "test"}, {"team", "radio"}}));
  EXPECT_EQ(Get({.profile_name = "release", .profile_owner = {}})->tags, List(arn_)->tags);
  ASSERT_EQ(NameOfError(Untag(arn_, {"stage", "absent"})), "no error");
  EXPECT_EQ(List(arn_)->tags, (StringMap{{"team", "radio"}}));
  EXPECT_EQ(gateway.records, 4) << "the profile and three changes";
}

TEST_F(Tags, OfACanceledProfileCanStillBeChanged) {
  ASSERT_TRUE(Cancel("release"));
  EXPECT_EQ(NameOfError(Tag(arn_, {{"why", "replaced"}})), "no error");
  EXPECT_EQ(List(arn_)->tags, (StringMap{{"why", "replaced"}}));
}

TEST_F(Tags, AreAtMostFifty) {
  StringMap many;
  for (int i = 0; i < 50; ++i) many.emplace("tag" + std::to_string(i), "value");
  ASSERT_EQ(NameOfError(Tag(arn_, many)), "no error");
  EXPECT_EQ(NameOfError(Tag(arn_, {{"tag0", "again"}})), "no error");
  EXPECT_EQ(NameOfError(Tag(arn_, {{"more", "value"}})), "BadRequestException");
  EXPECT_EQ(List(arn_)->tags->size(), 50U);
}

TEST_F(Tags, BelongToProfilesOfThisRegionAlone) {
  for (const char* wrong : {"release", "arn:aws:signer:us-east-1:111122223333:/signing-jobs/release",
                            "arn:aws:s3:us-east-1:111122223333:/signing-profiles/release",
                            "arn:aws:signer:us-east-1:111122223333:/signing-profiles/a",
                            "arn:aws:signer:us-east-1:111122223333:/signing-profiles/re/lease",
                            "arn:aws:signer:us-east-1:1111:/signing-profiles/release"}) {
    const auto refused = List(wrong);
    ASSERT_EQ(NameOfError(refused), "BadRequestException") << wrong;
    EXPECT_THAT(refused.error().message, HasSubstr("is not the ARN of a signing profile"));
  }
  EXPECT_EQ(NameOfError(List("arn:aws:signer:us-east-1:111122223333:/signing-profiles/absent")), "NotFoundException");
  EXPECT_EQ(NameOfError(Tag("arn:aws:signer:eu-west-1:111122223333:/signing-profiles/release", {{"a", "b"}})),
            "NotFoundException");
  EXPECT_EQ(NameOfError(Untag("arn:aws:signer:us-east-1:111122223333:/signing-profiles/absent", {"a"})),
            "NotFoundException");
}

TEST_F(Tags, OfAnotherAccountAreAuthorisedAsThatAccounts) {
  gateway.facts.caller = policy::RootOf(kStranger);
  const auto found = ResolveTagged<ops::TagResource>(service, gateway.facts,
                                                     "arn:aws:signer:us-east-1:111122223333:/signing-profiles/x1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->owner, kAccount) << "whoever does not belong to it is denied";
}

}  // namespace
}  // namespace firmsign::signer
