// SPDX-License-Identifier: Apache-2.0
//
// Time: instants in microseconds UTC, the clock they come from, and the four spellings that AWS uses.
//
// Everything that needs the time takes a Clock or an Instant, so that tests decide what time it is.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firmsign {

using Duration = std::chrono::microseconds;

// A point in time, in microseconds since 1970-01-01T00:00:00Z (leap seconds not counted).
struct Instant {
  std::int64_t micros = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Duration d) { return {at.micros + d.count()}; }
  friend constexpr Instant operator-(Instant at, Duration d) { return {at.micros - d.count()}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.micros - b.micros); }
};

constexpr Instant InstantFromSeconds(std::int64_t seconds) { return {seconds * 1'000'000}; }
constexpr std::int64_t Seconds(Instant at) {  // rounded down, also before 1970
  return at.micros / 1'000'000 - (at.micros % 1'000'000 < 0 ? 1 : 0);
}

// Thread safety: safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
};

// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  Instant Now() const override;
};

// A clock that stands still until told otherwise. Thread safety: confined.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Instant now) : now_(now) {}
  Instant Now() const override { return now_; }
  void Advance(Duration by) { now_ = now_ + by; }
  void Set(Instant now) { now_ = now; }

 private:
  Instant now_;
};

// The same day and time `months` later by the calendar in UTC; where that month is shorter, its last day.
Instant AddMonths(Instant at, std::int64_t months);

// An instant outside the years 0 to 9999 is written as the nearest one inside them; the parsers accept 1970 to 9999.

// 20150830T123600Z, as in X-Amz-Date.
std::string FormatBasicIso8601(Instant at);
std::optional<Instant> ParseBasicIso8601(std::string_view text);

// 2015-08-30T12:36:00Z; with milliseconds 2015-08-30T12:36:00.000Z as in S3's XML.
std::string FormatIso8601(Instant at);
std::string FormatIso8601Millis(Instant at);
// Accepts a fraction of any length, cut off at microseconds, and an offset `Z`, `+hh:mm` or `-hh:mm`.
std::optional<Instant> ParseIso8601(std::string_view text);

// Sun, 30 Aug 2015 12:36:00 GMT (RFC 9110 §5.6.7; only this preferred form is parsed).
std::string FormatHttpDate(Instant at);
std::optional<Instant> ParseHttpDate(std::string_view text);

}  // namespace firmsign
