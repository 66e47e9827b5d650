// SPDX-License-Identifier: Apache-2.0

#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace firmsign {
namespace {

constexpr Instant kSample = InstantFromSeconds(1440938160);  // 2015-08-30T12:36:00Z, the date of AWS's SigV4 examples
constexpr std::int64_t kLastSecond = 253402300799;           // 9999-12-31T23:59:59Z

TEST(Instant, CountsWholeSecondsDownwardsAlsoBeforeTheEpoch) {
  EXPECT_EQ(Seconds(Instant{1'999'999}), 1);
  EXPECT_EQ(Seconds(Instant{0}), 0);
  EXPECT_EQ(Seconds(Instant{-1}), -1);
  EXPECT_EQ(Seconds(Instant{-1'000'000}), -1);
  EXPECT_EQ(Seconds(Instant{-1'000'001}), -2);
}

TEST(Instant, AddsAndComparesDurations) {
  const Instant later = kSample + std::chrono::minutes(1);
  EXPECT_EQ(later.micros - kSample.micros, 60'000'000);
  EXPECT_EQ(later - kSample, std::chrono::minutes(1));
  EXPECT_EQ(later - std::chrono::minutes(1), kSample);
  EXPECT_LT(kSample, later);
}

TEST(FakeClock, StandsStillUntilItIsTold) {
  FakeClock clock(kSample);
  EXPECT_EQ(clock.Now(), kSample);
  EXPECT_EQ(clock.Now(), kSample);
  clock.Advance(std::chrono::seconds(5));
  EXPECT_EQ(clock.Now(), kSample + std::chrono::seconds(5));
  clock.Set(Instant{7});
  EXPECT_EQ(clock.Now(), Instant{7});
}

TEST(SystemClock, IsPastTheDayThisWasWritten) { EXPECT_GT(SystemClock().Now(), kSample); }

TEST(FormatBasicIso8601, WritesTheFormOfXAmzDate) {
  EXPECT_EQ(FormatBasicIso8601(kSample), "20150830T123600Z");
  EXPECT_EQ(FormatBasicIso8601(Instant{0}), "19700101T000000Z");
  EXPECT_EQ(FormatBasicIso8601(InstantFromSeconds(kLastSecond)), "99991231T235959Z");
}

TEST(ParseBasicIso8601, ReadsWhatItWrites) {
  for (const std::int64_t seconds : {std::int64_t{0}, std::int64_t{951782400}, std::int64_t{1440938160}, kLastSecond}) {
    const Instant at = InstantFromSeconds(seconds);
    EXPECT_EQ(ParseBasicIso8601(FormatBasicIso8601(at)), at) << seconds;
  }
}

TEST(ParseBasicIso8601, RefusesEveryOtherForm) {
  for (const char* text : {"", "20150830", "20150830T123600", "20150830T123600z", "20150830t123600Z",
                           "20150830T123600ZZ", " 20150830T123600Z", "2015-08-30T12:36:00Z", "20150830T1236Z",
                           "2015083aT123600Z", "+0150830T123600Z", "20150830T123600+0000"}) {
    EXPECT_EQ(ParseBasicIso8601(text), std::nullopt) << text;
  }
}

TEST(ParseBasicIso8601, RefusesDaysAndTimesThatDoNotExist) {
  for (const char* text : {"20150800T000000Z", "20150832T000000Z", "20150431T000000Z", "20150029T000000Z",
                           "20151301T000000Z", "20150229T000000Z", "21000229T000000Z", "20150830T240000Z",
                           "20150830T126000Z", "20150830T123660Z", "19691231T235959Z"}) {
    EXPECT_EQ(ParseBasicIso8601(text), std::nullopt) << text;
  }
}

TEST(ParseBasicIso8601, KnowsTheLeapYears) {
  EXPECT_EQ(ParseBasicIso8601("20000229T000000Z"), InstantFromSeconds(951782400));
  EXPECT_EQ(ParseBasicIso8601("20160229T235959Z"), InstantFromSeconds(1456790399));
  EXPECT_EQ(ParseBasicIso8601("20160301T000000Z"), InstantFromSeconds(1456790400));
  EXPECT_TRUE(ParseBasicIso8601("24000229T000000Z").has_value());
}

TEST(FormatIso8601, CutsFractionsOff) {
  const Instant at = kSample + std::chrono::microseconds(999'999);
  EXPECT_EQ(FormatIso8601(at), "2015-08-30T12:36:00Z");
  EXPECT_EQ(FormatIso8601Millis(at), "2015-08-30T12:36:00.999Z");
  EXPECT_EQ(FormatIso8601Millis(kSample), "2015-08-30T12:36:00.000Z");
  EXPECT_EQ(FormatIso8601Millis(kSample + std::chrono::milliseconds(7)), "2015-08-30T12:36:00.007Z");
}

TEST(FormatIso8601, GoesBackBeyondTheEpoch) {
  EXPECT_EQ(FormatIso8601Millis(Instant{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatIso8601(InstantFromSeconds(-86'401)), "1969-12-30T23:59:59Z");
}

TEST(FormatIso8601, WritesTheNearestInstantThatFourDigitsHold) {
  // A stored number outside the calendar must neither crash a listing nor print what no client reads.
  EXPECT_EQ(FormatIso8601Millis(InstantFromSeconds(kLastSecond + 1)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatBasicIso8601(Instant{std::numeric_limits<std::int64_t>::max()}), "99991231T235959Z");
  EXPECT_EQ(FormatIso8601(Instant{std::numeric_limits<std::int64_t>::min()}), "0000-01-01T00:00:00Z");
  EXPECT_EQ(FormatHttpDate(InstantFromSeconds(-62'167'219'201)), "Sat, 01 Jan 0000 00:00:00 GMT");
  EXPECT_EQ(Seconds(Instant{std::numeric_limits<std::int64_t>::min()}), -9223372036855);
}

TEST(ParseIso8601, ReadsWhatItWrites) {
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00Z"), kSample);
  EXPECT_EQ(ParseIso8601("9999-12-31T23:59:59Z"), InstantFromSeconds(kLastSecond));
  EXPECT_EQ(ParseIso8601("1970-01-01T00:00:00Z"), Instant{0});
}

TEST(ParseIso8601, ReadsFractionsOfAnyLength) {
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00.5Z"), kSample + std::chrono::milliseconds(500));
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00.000Z"), kSample);
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00.123456Z"), kSample + std::chrono::microseconds(123'456));
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00.1234569999999999999999Z"), kSample + std::chrono::microseconds(123'456));
}

TEST(ParseIso8601, ReadsOffsets) {
  EXPECT_EQ(ParseIso8601("2015-08-30T14:36:00+02:00"), kSample);
  EXPECT_EQ(ParseIso8601("2015-08-30T07:06:00-05:30"), kSample);
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00+00:00"), kSample);
  EXPECT_EQ(ParseIso8601("2015-08-30T12:36:00-00:00"), kSample);
  EXPECT_EQ(ParseIso8601("2015-08-31T00:06:00.25+11:30"), kSample + std::chrono::milliseconds(250));
}

TEST(ParseIso8601, RefusesAnOffsetThatLeavesItsYears) {
  EXPECT_EQ(ParseIso8601("1970-01-01T00:00:00+00:01"), std::nullopt);
  EXPECT_EQ(ParseIso8601("9999-12-31T23:59:59-00:01"), std::nullopt);
  EXPECT_EQ(ParseIso8601("1970-01-01T00:00:00-00:01"), InstantFromSeconds(60));
}

TEST(ParseIso8601, RefusesEveryOtherForm) {
  for (const char* text : {"",
                           "2015-08-30",
                           "2015-08-30T12:36Z",
                           "2015-08-30T12:36:00",
                           "2015-08-30 12:36:00Z",
                           "2015-08-30t12:36:00z",
                           "2015-08-30T12:36:00.Z",
                           "2015-08-30T12:36:00,5Z",
                           "2015-08-30T12:36:00+0200",
                           "2015-08-30T12:36:00+02",
                           "2015-08-30T12:36:00+24:00",
                           "2015-08-30T12:36:00+02:60",
                           "2015-08-30T12:36:00Z ",
                           "2015-02-29T12:36:00Z",
                           "2015-08-30T12:36:60Z",
                           "15-08-30T12:36:00Z",
                           "12015-08-30T12:36:00Z",
                           "1969-12-31T23:59:59Z",
                           "2015-08-30T12:36:00*02:00",
                           "2015-8-30T12:36:00Z"}) {
    EXPECT_EQ(ParseIso8601(text), std::nullopt) << text;
  }
}

TEST(FormatHttpDate, WritesThePreferredForm) {
  EXPECT_EQ(FormatHttpDate(kSample), "Sun, 30 Aug 2015 12:36:00 GMT");
  EXPECT_EQ(FormatHttpDate(InstantFromSeconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");  // the RFC's example
  EXPECT_EQ(FormatHttpDate(Instant{0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(InstantFromSeconds(kLastSecond)), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(ParseHttpDate, ReadsADateOfEveryWeekdayAndMonth) {
  for (int day = 0; day < 366; ++day) {
    const Instant at = InstantFromSeconds(std::int64_t{1704067200} + day * 86'400);
    EXPECT_EQ(ParseHttpDate(FormatHttpDate(at)), at) << FormatHttpDate(at);
  }
}

TEST(ParseHttpDate, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(AddMonths, GoesByTheCalendarAndKeepsTheTimeOfDay) {
  const auto at = [](const char* text) { return *ParseIso8601(text); };
  EXPECT_EQ(AddMonths(at("2024-01-15T12:36:00Z"), 1), at("2024-02-15T12:36:00Z"));
  EXPECT_EQ(AddMonths(at("2024-01-31T23:59:59Z"), 1), at("2024-02-29T23:59:59Z"));
  EXPECT_EQ(AddMonths(at("2023-01-31T00:00:00Z"), 1), at("2023-02-28T00:00:00Z"));
  EXPECT_EQ(AddMonths(at("2024-02-29T01:00:00Z"), 12), at("2025-02-28T01:00:00Z"));
  EXPECT_EQ(AddMonths(at("2026-11-25T10:00:00Z"), 135), at("2038-02-25T10:00:00Z"));
  EXPECT_EQ(AddMonths(Instant{-1}, 1), at("1970-01-31T23:59:59.999999Z"));
}

}  // namespace
}  // namespace firmsign
