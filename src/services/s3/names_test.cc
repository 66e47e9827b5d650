// SPDX-License-Identifier: Apache-2.0

#include "services/s3/names.h"

#include <gtest/gtest.h>

#include "services/s3/headers.h"

namespace firmsign::s3 {
namespace {

TEST(IsBucketName, FollowsTheRulesOfS3) {
  for (const char* name : {"abc", "firmware-images", "a.b.c", "123", "1.2.3.4.5", "a--b", "1234.5.6.7"}) {
    EXPECT_TRUE(IsBucketName(name)) << name;
  }
  EXPECT_TRUE(IsBucketName(std::string(63, 'a')));
  EXPECT_FALSE(IsBucketName(std::string(64, 'a')));
  for (const char* name : {"", "ab", "Abc", "a_b", "-abc", "abc-", ".abc", "abc.", "a..b", "192.168.5.4", "xn--abc",
                           "abc-s3alias", "abc--ol-s3", "a/b", "a b"}) {
    EXPECT_FALSE(IsBucketName(name)) << name;
  }
}

TEST(VersionIds, AreRecognisedAndNeverRepeat) {
  FakeRandom random;
  const std::string one = MakeVersionId(random);
  EXPECT_TRUE(IsVersionId(one));
  EXPECT_NE(one, MakeVersionId(random));
  EXPECT_TRUE(IsVersionId("null"));
  EXPECT_FALSE(IsVersionId(""));
  EXPECT_FALSE(IsVersionId("x"));
  EXPECT_FALSE(IsVersionId(std::string(31, 'a') + "/"));
}

TEST(UploadIds, GrowWithTime) {
  FakeRandom random;
  const std::string first = MakeUploadId(random, InstantFromSeconds(1000));
  const std::string second = MakeUploadId(random, InstantFromSeconds(1000) + Duration(1));
  EXPECT_LT(first, second);
}

TEST(Headers, ComeBackAsTheyWereStored) {
  const ObjectHeaders headers{.content_type = "text/plain; a=b:c",
                              .cache_control = "",
                              .content_encoding = "gzip",
                              .tagging = "a=b&c=d",
                              .metadata = {{"mtime", "1.5"}, {"empty", ""}, {"bytes", "\xff\x01"}}};
  EXPECT_EQ(ParseHeaders(FormatHeaders(headers)), headers);
  EXPECT_EQ(ParseHeaders(""), ObjectHeaders());
  EXPECT_EQ(ParseHeaders("some-later-header:x\ncontent-type:y\n").content_type, "y");
}

TEST(WithoutAwsChunked, KeepsTheOtherCodings) {
  EXPECT_EQ(WithoutAwsChunked("aws-chunked"), std::nullopt);
  EXPECT_EQ(WithoutAwsChunked("aws-chunked,gzip"), "gzip");
  EXPECT_EQ(WithoutAwsChunked("gzip, AWS-Chunked"), "gzip");
  EXPECT_EQ(WithoutAwsChunked(""), std::nullopt);
}

}  // namespace
}  // namespace firmsign::s3
