// SPDX-License-Identifier: Apache-2.0

#include "base/strong.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace firmsign {
namespace {

TEST(Strong, ComparesAndHashesLikeItsText) {
  EXPECT_EQ(AccountId("1"), AccountId(std::string("1")));
  EXPECT_LT(AccountId("1"), AccountId("2"));
  EXPECT_TRUE(AccountId().empty());
  const std::unordered_set<AccountId> accounts{AccountId("1"), AccountId("1"), AccountId("2")};
  EXPECT_EQ(accounts.size(), 2U);
}

TEST(Strong, DoesNotTurnIntoAnotherKind) {
  static_assert(!std::is_convertible_v<AccountId, Region>);
  static_assert(!std::is_constructible_v<AccountId, Region>);
  static_assert(!std::is_convertible_v<std::string, AccountId>);
  static_assert(!std::is_convertible_v<AccountId, std::string>);
}

TEST(IsAccountId, WantsTwelveDigits) {
  EXPECT_TRUE(IsAccountId("123456789012"));
  EXPECT_TRUE(IsAccountId("000000000000"));
  for (const char* text : {"", "12345678901", "1234567890123", "12345678901a", " 12345678901", "12345678901\n",
                           "\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1"}) {
    EXPECT_FALSE(IsAccountId(text)) << text;
  }
}

TEST(IsRegion, KnowsWhatRegionsLookLike) {
  for (const char* text : {"us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-10", "us-iso-east-1"}) {
    EXPECT_TRUE(IsRegion(text)) << text;
  }
  for (const char* text :
       {"", "us", "us-east", "useast-1", "us-east-", "-us-east-1", "us--east-1", "US-EAST-1", "us-east-1a", "us-1-east",
        "us-east-1-", "us_east_1", "us-east-1 ", "abcdefghijklmnopqrstuvwxyz-east-10"}) {
    EXPECT_FALSE(IsRegion(text)) << text;
  }
}

}  // namespace
}  // namespace firmsign
