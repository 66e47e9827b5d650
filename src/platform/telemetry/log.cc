// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/log.h"

#include <atomic>
#include <span>
#include <string>

#include "base/time.h"
#include "platform/telemetry/line_writer.h"
#include "platform/telemetry/log_line.h"

namespace firmsign::telemetry {
namespace {

struct State {
  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kText};
  LineWriter writer{{.lost_message = [this](std::size_t lost) {
    const Field field("lines", lost);
    return FormatLine(format, SystemClock().Now(), Level::kWarning, "log_lines_lost", {&field, 1});
  }}};
};

State& TheState() {
  static State* state = new State();  // lives until the process ends, so that late lines find it
  return *state;
}

}  // namespace

void StartLog(Level level, Format format) {
  TheState().level = level;
  TheState().format = format;
}

void FlushLog() { TheState().writer.Flush(); }

bool LogEnabled(Level level) { return level >= TheState().level.load(std::memory_order_relaxed); }

void Log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!LogEnabled(level)) return;
  TheState().writer.Add(FormatLine(TheState().format.load(std::memory_order_relaxed), SystemClock().Now(), level, event,
                                   {fields.begin(), fields.size()}));
}

}  // namespace firmsign::telemetry
