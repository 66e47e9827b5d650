// SPDX-License-Identifier: Apache-2.0

#include "aws/arn.h"

#include <gtest/gtest.h>

namespace firmsign::aws {
namespace {

TEST(Arn, KeepsColonsAndSlashesOfTheResource) {
  const auto arn = ParseArn("arn:aws:signer:us-east-1:111122223333:/signing-profiles/P:x");
  ASSERT_TRUE(arn);
  EXPECT_EQ(*arn, (Arn{"aws", "signer", "us-east-1", "111122223333", "/signing-profiles/P:x"}));
}

TEST(Arn, ReadsGlobalResources) {
  const auto arn = ParseArn("arn:aws:s3:::bucket/key");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->region, "");
  EXPECT_EQ(arn->account, "");
  EXPECT_EQ(arn->resource, "bucket/key");
}

TEST(Arn, FormatsWhatItParsed) {
  for (const char* text : {"arn:aws:s3:::b", "arn:aws:iam::111122223333:user/a/b", "arn:aws:acm:eu-west-1:1:c/d:e:f"}) {
    const auto arn = ParseArn(text);
    ASSERT_TRUE(arn) << text;
    EXPECT_EQ(FormatArn(*arn), text);
  }
}

TEST(Arn, RefusesWhatHasTooFewPartsOrAnotherPrefix) {
  for (const char* text : {"", "arn", "arn:", "arn:aws:s3::", "urn:aws:s3:::b", "ARN:aws:s3:::b"}) {
    EXPECT_FALSE(ParseArn(text)) << text;
  }
  EXPECT_TRUE(ParseArn("arn:aws:s3:::"));
}

TEST(Arn, RefusesMoreThan2048Bytes) {
  const std::string head = "arn:aws:s3:::";
  EXPECT_TRUE(ParseArn(head + std::string(2048 - head.size(), 'x')));
  EXPECT_FALSE(ParseArn(head + std::string(2049 - head.size(), 'x')));
}

}  // namespace
}  // namespace firmsign::aws
