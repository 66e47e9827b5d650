// SPDX-License-Identifier: Apache-2.0
//
// Scalars as text: how a boolean, number, time, string or blob is spelled in labels, queries, headers, forms and XML.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"

namespace firmsign::aws {

// Seconds since 1970 with a fraction of any length, rounded down to microseconds: "1700000000.123". nullopt for
// anything else, and outside the years 1970 to 9999.
std::optional<Instant> ParseEpochSeconds(std::string_view text);

// A time in any of the forms that AWS accepts on input: ISO-8601, epoch seconds, HTTP date.
std::optional<Instant> ParseTimestamp(std::string_view text);

// Writes the value of `text` to `value`, which is of the C++ type of `shape`. False when the text is not of that kind;
// blobs are base64. Only for scalars.
bool ParseScalar(const Shape& shape, std::string_view text, void* value);

// `fallback` is the time format where the model names none; kDefault there means ISO-8601.
std::string FormatScalar(const Shape& shape, const void* value, TimestampFormat format,
                         TimestampFormat fallback = TimestampFormat::kIso8601);

constexpr bool IsScalar(Kind kind) { return kind != Kind::kStructure && kind != Kind::kList && kind != Kind::kMap; }

}  // namespace firmsign::aws
