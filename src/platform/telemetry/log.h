// SPDX-License-Identifier: Apache-2.0
//
// The log: one structured line for each thing that happened, as JSON or as key=value text.
//
// A line is an event name and fields: Log(Level::kInfo, "job_ended", {{"job", id}, {"status", "Succeeded"}}). Lines go
// to standard error, from a thread of their own, so that no request waits for a terminal. Secrets do not compile:
// SecretBytes converts to no field.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace firmsign::telemetry {

enum class Level { kDebug, kInfo, kWarning, kError };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, std::int64_t v) : name(n), value(v) {}
  Field(std::string_view n, int v) : name(n), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view n, std::size_t v) : name(n), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
};

enum class Format { kText, kJson };

// Call once at start; before it, lines at kInfo and above go to standard error as text.
void StartLog(Level level, Format format);
// Writes out everything that is queued. Call before the process ends.
void FlushLog();
bool LogEnabled(Level level);

// Thread safety: safe.
void Log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace firmsign::telemetry
