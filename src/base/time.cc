// SPDX-License-Identifier: Apache-2.0

#include "base/time.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace firmsign {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
constexpr Instant kFirstWritten = InstantFromSeconds(-62'167'219'200);               // 0000-01-01T00:00:00Z
constexpr Instant kLastWritten = InstantFromSeconds(253'402'300'800) - Duration(1);  // the end of 9999
constexpr int kYearMin = 1970;
constexpr int kYearMax = 9999;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// A moment as a calendar and a wall clock in UTC show it.
struct Civil {
  int year = 0;
  int month = 0;  // 1 to 12
  int day = 0;    // 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  int weekday = 0;  // 0 is Sunday; ignored by FromCivil
};

Civil ToCivil(Instant at) {
  at = std::clamp(at, kFirstWritten, kLastWritten);
  const std::int64_t seconds = Seconds(at);
  std::int64_t days = seconds / kSecondsPerDay;
  if (seconds % kSecondsPerDay < 0) --days;
  const int in_day = static_cast<int>(seconds - days * kSecondsPerDay);
  const std::chrono::sys_days date{std::chrono::days(days)};
  const std::chrono::year_month_day ymd(date);
  return Civil{.year = static_cast<int>(ymd.year()),
               .month = static_cast<int>(static_cast<unsigned>(ymd.month())),
               .day = static_cast<int>(static_cast<unsigned>(ymd.day())),
               .hour = in_day / 3600,
               .minute = in_day / 60 % 60,
               .second = in_day % 60,
               .micros = static_cast<int>(at.micros - seconds * kMicrosPerSecond),
               .weekday = static_cast<int>(std::chrono::weekday(date).c_encoding())};
}

// nullopt when no calendar or clock shows this. A leap second is refused: Instant does not count them.
std::optional<Instant> FromCivil(const Civil& civil) {
  if (civil.year < kYearMin || civil.year > kYearMax) return std::nullopt;
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 59) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year(civil.year),
                                        std::chrono::month(static_cast<unsigned>(civil.month)),
                                        std::chrono::day(static_cast<unsigned>(civil.day))};
  if (!ymd.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(ymd).time_since_epoch().count();
  const std::int64_t seconds = days * kSecondsPerDay + civil.hour * 3600 + civil.minute * 60 + civil.second;
  return Instant{seconds * kMicrosPerSecond + civil.micros};
}

// Appends the last `digits` digits of a number that is not negative.
void AppendNumber(std::string& out, int value, std::size_t digits) {
  out.append(digits, '0');
  for (auto digit = out.rbegin(); value > 0 && digits > 0; ++digit, --digits, value /= 10) {
    *digit = static_cast<char>('0' + value % 10);
  }
}

std::string FormatExtended(const Civil& civil) {
  std::string out;
  out.reserve(28);
  AppendNumber(out, civil.year, 4);
  out.push_back('-');
  AppendNumber(out, civil.month, 2);
  out.push_back('-');
  AppendNumber(out, civil.day, 2);
  out.push_back('T');
  AppendNumber(out, civil.hour, 2);
  out.push_back(':');
  AppendNumber(out, civil.minute, 2);
  out.push_back(':');
  AppendNumber(out, civil.second, 2);
  return out;
}

// Reads a text from the left; the first thing that is not there makes every later step fail too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int Number(std::size_t digits) {
    if (rest_.size() < digits) ok_ = false;
    int value = 0;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      if (!IsDigit(rest_[i])) ok_ = false;
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(digits);
    return ok_ ? value : 0;
  }

  void Literal(std::string_view expected) {
    if (ok_ && !Take(expected)) ok_ = false;
  }

  // The index of the name that comes next.
  template <std::size_t N>
  int OneOf(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; ok_ && i < N; ++i) {
      if (Take(names[i])) return static_cast<int>(i);
    }
    ok_ = false;
    return 0;
  }

  bool Take(std::string_view prefix) {
    if (!ok_ || !rest_.starts_with(prefix)) return false;
    rest_.remove_prefix(prefix.size());
    return true;
  }

  // One or more digits after a decimal point, cut off (never rounded up) at microseconds.
  int FractionMicros() {
    std::size_t digits = 0;
    int micros = 0;
    while (ok_ && digits < rest_.size() && IsDigit(rest_[digits])) {
      if (digits < 6) micros = micros * 10 + (rest_[digits] - '0');
      ++digits;
    }
    if (digits == 0) ok_ = false;
    for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    if (ok_) rest_.remove_prefix(digits);
    return ok_ ? micros : 0;
  }

  // True when everything was there and nothing is left.
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
  bool ok_ = true;
};

// `Z`, or the minutes that the local clock is ahead of UTC.
int ScanOffsetMinutes(Scanner& scan) {
  if (scan.Take("Z")) return 0;
  const bool is_behind = scan.Take("-");
  if (!is_behind) scan.Literal("+");
  const int hours = scan.Number(2);
  scan.Literal(":");
  const int minutes = scan.Number(2);
  if (hours > 23 || minutes > 59) scan.Literal("an offset of a day or more is none");
  return (is_behind ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

Instant AddMonths(Instant at, std::int64_t months) {
  const std::int64_t rest = at.micros % kMicrosPerDay;
  const std::int64_t in_day = rest < 0 ? rest + kMicrosPerDay : rest;
  const std::chrono::sys_days date{std::chrono::days((at.micros - in_day) / kMicrosPerDay)};
  std::chrono::year_month_day later = std::chrono::year_month_day(date) + std::chrono::months(months);
  if (!later.ok()) later = later.year() / later.month() / std::chrono::last;
  const auto days = std::chrono::sys_days(later).time_since_epoch().count();
  return Instant{static_cast<std::int64_t>(days) * kMicrosPerDay + in_day};
}

Instant SystemClock::Now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

std::string FormatBasicIso8601(Instant at) {
  const Civil civil = ToCivil(at);
  std::string out;
  out.reserve(16);
  AppendNumber(out, civil.year, 4);
  AppendNumber(out, civil.month, 2);
  AppendNumber(out, civil.day, 2);
  out.push_back('T');
  AppendNumber(out, civil.hour, 2);
  AppendNumber(out, civil.minute, 2);
  AppendNumber(out, civil.second, 2);
  out.push_back('Z');
  return out;
}

std::optional<Instant> ParseBasicIso8601(std::string_view text) {
  Scanner scan(text);
  Civil civil;
  civil.year = scan.Number(4);
  civil.month = scan.Number(2);
  civil.day = scan.Number(2);
  scan.Literal("T");
  civil.hour = scan.Number(2);
  civil.minute = scan.Number(2);
  civil.second = scan.Number(2);
  scan.Literal("Z");
  if (!scan.Finished()) return std::nullopt;
  return FromCivil(civil);
}

std::string FormatIso8601(Instant at) { return FormatExtended(ToCivil(at)) + "Z"; }

std::string FormatIso8601Millis(Instant at) {
  const Civil civil = ToCivil(at);
  std::string out = FormatExtended(civil);
  out.push_back('.');
  AppendNumber(out, civil.micros / 1000, 3);
  out.push_back('Z');
  return out;
}

std::optional<Instant> ParseIso8601(std::string_view text) {
  Scanner scan(text);
  Civil civil;
  civil.year = scan.Number(4);
  scan.Literal("-");
  civil.month = scan.Number(2);
  scan.Literal("-");
  civil.day = scan.Number(2);
  scan.Literal("T");
  civil.hour = scan.Number(2);
  scan.Literal(":");
  civil.minute = scan.Number(2);
  scan.Literal(":");
  civil.second = scan.Number(2);
  if (scan.Take(".")) civil.micros = scan.FractionMicros();
  const int offset_minutes = ScanOffsetMinutes(scan);
  if (!scan.Finished()) return std::nullopt;
  const std::optional<Instant> local = FromCivil(civil);
  if (!local) return std::nullopt;
  const Instant at = *local - std::chrono::minutes(offset_minutes);
  // The offset can carry the first and the last day out of the years that are accepted.
  if (at < Instant{0} || at > kLastWritten) return std::nullopt;
  return at;
}

std::string FormatHttpDate(Instant at) {
  const Civil civil = ToCivil(at);
  std::string out;
  out.reserve(29);
  out.append(kWeekdays[static_cast<std::size_t>(civil.weekday)]);
  out.append(", ");
  AppendNumber(out, civil.day, 2);
  out.push_back(' ');
  out.append(kMonths[static_cast<std::size_t>(civil.month - 1)]);
  out.push_back(' ');
  AppendNumber(out, civil.year, 4);
  out.push_back(' ');
  AppendNumber(out, civil.hour, 2);
  out.push_back(':');
  AppendNumber(out, civil.minute, 2);
  out.push_back(':');
  AppendNumber(out, civil.second, 2);
  out.append(" GMT");
  return out;
}

std::optional<Instant> ParseHttpDate(std::string_view text) {
  Scanner scan(text);
  Civil civil;
  civil.weekday = scan.OneOf(kWeekdays);
  scan.Literal(", ");
  civil.day = scan.Number(2);
  scan.Literal(" ");
  civil.month = scan.OneOf(kMonths) + 1;
  scan.Literal(" ");
  civil.year = scan.Number(4);
  scan.Literal(" ");
  civil.hour = scan.Number(2);
  scan.Literal(":");
  civil.minute = scan.Number(2);
  scan.Literal(":");
  civil.second = scan.Number(2);
  scan.Literal(" GMT");
  if (!scan.Finished()) return std::nullopt;
  const std::optional<Instant> at = FromCivil(civil);
  // A day that is not that weekday is a mistake of the sender; which half is wrong cannot be known.
  if (!at || ToCivil(*at).weekday != civil.weekday) return std::nullopt;
  return at;
}

}  // namespace firmsign
