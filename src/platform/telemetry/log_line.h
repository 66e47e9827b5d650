// SPDX-License-Identifier: Apache-2.0
//
// How one line of the log looks; log.h is who writes it.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "platform/telemetry/log.h"

namespace firmsign::telemetry {

// The line without its line break.
//
//   kText   2026-01-31T12:00:00.000Z info job_ended job=… status="not plain"
//   kJson   {"time":"2026-01-31T12:00:00.000Z","level":"info","event":"job_ended","job":"…"}
//
// No value can look like another field or another line, whatever bytes it has: control characters are escaped, values
// with blanks, quotes, '=' or '\' are quoted, and bytes that are no UTF-8 become U+FFFD.
std::string FormatLine(Format format, Instant time, Level level, std::string_view event, std::span<const Field> fields);

}  // namespace firmsign::telemetry
