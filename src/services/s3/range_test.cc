// SPDX-License-Identifier: Apache-2.0

#include "services/s3/range.h"

#include <gtest/gtest.h>

#include <string>

namespace firmsign::s3 {
namespace {

std::string Choose(std::string_view header, std::uint64_t size) {
  const RangeChoice choice = ChooseRange(header, size);
  switch (choice.outcome) {
    case RangeOutcome::kWhole: return "whole";
    case RangeOutcome::kUnsatisfiable: return "unsatisfiable";
    case RangeOutcome::kPart: break;
  }
  return std::to_string(choice.range.first) + "+" + std::to_string(choice.range.length);
}

TEST(ChooseRange, UnderstandsOneRange) {
  EXPECT_EQ(Choose("bytes=0-0", 10), "0+1");
  EXPECT_EQ(Choose("bytes=2-5", 10), "2+4");
  EXPECT_EQ(Choose("bytes=2-", 10), "2+8");
  EXPECT_EQ(Choose("bytes=9-100", 10), "9+1");
  EXPECT_EQ(Choose("bytes=0-18446744073709551615", 10), "0+10");
  EXPECT_EQ(Choose("bytes=-3", 10), "7+3");
  EXPECT_EQ(Choose("bytes=-30", 10), "0+10");
}

TEST(ChooseRange, SaysWhenNothingIsThere) {
  EXPECT_EQ(Choose("bytes=10-", 10), "unsatisfiable");
  EXPECT_EQ(Choose("bytes=-0", 10), "unsatisfiable");
  EXPECT_EQ(Choose("bytes=0-", 0), "unsatisfiable");
  EXPECT_EQ(Choose("bytes=-1", 0), "unsatisfiable");
}

TEST(ChooseRange, TakesWhatItDoesNotUnderstandAsAbsent) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "lines=0-1",
                             "bytes=99999999999999999999-"}) {
    EXPECT_EQ(Choose(header, 10), "whole") << header;
  }
}

TEST(Evaluate, FollowsTheOrderOfRfc9110) {
  const Instant then = InstantFromSeconds(1000) + Duration(500'000);
  const Instant before = InstantFromSeconds(999);
  const Instant same = InstantFromSeconds(1000);
  EXPECT_EQ(Evaluate({}, "e", then), ConditionOutcome::kProceed);
  EXPECT_EQ(Evaluate({.if_match = "\"e\""}, "e", then), ConditionOutcome::kProceed);
  EXPECT_EQ(Evaluate({.if_match = "\"x\", \"y\""}, "e", then), ConditionOutcome::kFailed);
  EXPECT_EQ(Evaluate({.if_none_match = "W/\"e\""}, "e", then), ConditionOutcome::kNotModified);
  EXPECT_EQ(Evaluate({.if_none_match = "*"}, "e", then), ConditionOutcome::kNotModified);
  EXPECT_EQ(Evaluate({.if_modified_since = same}, "e", then), ConditionOutcome::kNotModified);
  EXPECT_EQ(Evaluate({.if_modified_since = before}, "e", then), ConditionOutcome::kProceed);
  EXPECT_EQ(Evaluate({.if_unmodified_since = before}, "e", then), ConditionOutcome::kFailed);
  EXPECT_EQ(Evaluate({.if_unmodified_since = same}, "e", then), ConditionOutcome::kProceed);
  // A tag that matches silences the date beside it.
  EXPECT_EQ(Evaluate({.if_match = "e", .if_unmodified_since = before}, "e", then), ConditionOutcome::kProceed);
  EXPECT_EQ(Evaluate({.if_none_match = "x", .if_modified_since = same}, "e", then), ConditionOutcome::kProceed);
}

}  // namespace
}  // namespace firmsign::s3
