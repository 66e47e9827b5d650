// SPDX-License-Identifier: Apache-2.0
//
// AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate.

#include <gmock/gmock.h>

#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TagsTest : public AcmTest {
 protected:
  auto Add(const std::string& arn, std::vector<Tag> tags) {
    return Call<ops::AddTagsToCertificate, &AddTagsToCertificate>({.certificate_arn = arn, .tags = std::move(tags)});
  }
  auto Remove(const std::string& arn, std::vector<Tag> tags) {
    return Call<ops::RemoveTagsFromCertificate, &RemoveTagsFromCertificate>(
        {.certificate_arn = arn, .tags = std::move(tags)});
  }
  auto List(const std::string& arn) {
    return Call<ops::ListTagsForCertificate, &ListTagsForCertificate>({.certificate_arn = arn});
  }
  std::vector<std::string> Tags(const std::string& arn) {
    std::vector<std::string> texts;
    auto output = List(arn);
    if (!output) return {NameOfError(output)};
    for (const Tag& tag : *output->tags) texts.push_back(tag.key + "=" + tag.value.value_or("(none)"));
    return texts;
  }
};

TEST_F(TagsTest, AreAddedReplacedAndListedInOrder) {
  const std::string arn = MustImport("p256");
  EXPECT_THAT(Tags(arn), IsEmpty());
  ASSERT_TRUE(Add(arn, {{.key = "team", .value = "firmware"}, {.key = "bare"}}));
  ASSERT_TRUE(Add(arn, {{.key = "team", .value = "boot"}}));
  EXPECT_THAT(Tags(arn), ElementsAre("bare=(none)", "team=boot"));
  EXPECT_EQ(gateway.records, 3);
}

TEST_F(TagsTest, AreRemovedWithTheirValueOnlyIfItAgrees) {
  const std::string arn = MustImport("p256");
  ASSERT_TRUE(Add(arn, {{.key = "a", .value = "1"}, {.key = "b", .value = "2"}, {.key = "c"}}));
  ASSERT_TRUE(Remove(arn, {{.key = "a", .value = "other"}, {.key = "b"}, {.key = "absent"}}));
  EXPECT_THAT(Tags(arn), ElementsAre("a=1", "c=(none)"));
  ASSERT_TRUE(Remove(arn, {{.key = "a", .value = "1"}, {.key = "c"}}));
  EXPECT_THAT(Tags(arn), IsEmpty());
}

TEST_F(TagsTest, AreAtMostFiftyAndAFailedCallAddsNone) {
  const std::string arn = MustImport("p256");
  std::vector<Tag> many;
  for (int i = 0; i < 49; ++i) many.push_back({.key = "k" + std::to_string(i)});
  ASSERT_TRUE(Add(arn, many));
  EXPECT_EQ(NameOfError(Add(arn, {{.key = "x"}, {.key = "y"}})), "TooManyTagsException");
  EXPECT_EQ(Tags(arn).size(), 49u);
  EXPECT_TRUE(Add(arn, {{.key = "x"}, {.key = "k1", .value = "replaced"}}));
  EXPECT_EQ(Tags(arn).size(), 50u);
}

TEST_F(TagsTest, MustBeAllowedAndBelongToACertificateOfTheCaller) {
  const std::string arn = MustImport("p256");
  EXPECT_EQ(NameOfError(Add(arn, {{.key = "aws:x", .value = "y"}})), "InvalidTagException");
  EXPECT_EQ(NameOfError(Add(arn, {{.key = "a"}, {.key = "a"}})), "InvalidTagException");
  EXPECT_EQ(NameOfError(Remove(arn, {{.key = "Aws:x"}})), "InvalidTagException");
  for (const char* bad : {kUnknownArn, "arn:aws:acm:us-east-1:111122223333:other/x"}) {
    const std::string name = bad == kUnknownArn ? "ResourceNotFoundException" : "InvalidArnException";
    EXPECT_EQ(NameOfError(Add(bad, {{.key = "a"}})), name);
    EXPECT_EQ(NameOfError(Remove(bad, {{.key = "a"}})), name);
    EXPECT_EQ(NameOfError(List(bad)), name);
  }
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_EQ(NameOfError(Add(arn, {{.key = "a"}})), "ResourceNotFoundException");
  EXPECT_EQ(NameOfError(List(arn)), "ResourceNotFoundException");
}

}  // namespace
}  // namespace firmsign::acm
