// SPDX-License-Identifier: Apache-2.0

#include "services/signer/validity.h"

#include <fmt/format.h>

#include "model/signer.h"

namespace firmsign::signer {
namespace {

constexpr std::int64_t kMonthsMax = 135;  // AWS's default and maximum
constexpr std::int64_t kDaysMax = 4107;   // the days of the shortest 135 months

std::int64_t MaxOf(std::string_view type) {
  if (type == ValidityType::kDays) return kDaysMax;
  return type == ValidityType::kYears ? kMonthsMax / 12 : kMonthsMax;
}

}  // namespace

Validity DefaultValidity() { return {.value = kMonthsMax, .type = std::string(ValidityType::kMonths)}; }

Expected<Validity> MakeValidity(std::int64_t value, std::string_view type) {
  const std::int64_t most = MaxOf(type);
  if (value >= 1 && value <= most) return Validity{.value = value, .type = std::string(type)};
  return Fail(Code::kInvalid,
              fmt::format("signatureValidityPeriod.value is {}: from 1 to {} {} are allowed.", value, most, type));
}

Instant Validity::EndOf(Instant from) const {
  if (type == ValidityType::kDays) return from + std::chrono::hours(24 * value);
  return AddMonths(from, type == ValidityType::kYears ? 12 * value : value);
}

}  // namespace firmsign::signer
