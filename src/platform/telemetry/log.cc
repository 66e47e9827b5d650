// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>

#include "base/time.h"
#include "platform/telemetry/log_line.h"

namespace firmsign::telemetry {
namespace {

constexpr std::size_t kQueueLines = 16 * 1024;

struct State {
  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kText};
  std::shared_mutex mutex;  // shared while a line is handed over, exclusive while the logger comes or goes
  std::shared_ptr<spdlog::logger> logger;
};

State& TheState() {
  static State* state = new State();  // lives until the process ends, so that late lines find it
  return *state;
}

std::shared_ptr<spdlog::logger> MakeLogger() {
  // One thread; when it falls behind, the oldest waiting lines are dropped rather than requests delayed.
  spdlog::init_thread_pool(kQueueLines, 1);
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("firmsign");
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::warn);
  return logger;
}

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void StartLog(Level level, Format format) {
  TheState().level = level;
  TheState().format = format;
}

void FlushLog() {
  State& state = TheState();
  const std::unique_lock lock(state.mutex);
  if (!state.logger) return;
  if (const std::size_t lost = spdlog::thread_pool()->overrun_counter(); lost > 0) {
    const Field field("lines", lost);
    state.logger->warn(FormatLine(state.format, SystemClock().Now(), Level::kWarning, "log_lines_lost", {&field, 1}));
  }
  state.logger->flush();
  state.logger.reset();
  // Ends the thread, which writes out what is queued; a later line starts another.
  spdlog::shutdown();
}

bool LogEnabled(Level level) { return level >= TheState().level.load(std::memory_order_relaxed); }

void Log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!LogEnabled(level)) return;
  const std::string line = FormatLine(TheState().format.load(std::memory_order_relaxed), SystemClock().Now(), level,
                                      event, {fields.begin(), fields.size()});
  const spdlog::string_view_t view(line.data(), line.size());
  State& state = TheState();
  {
    const std::shared_lock lock(state.mutex);
    if (state.logger) return state.logger->log(SpdlogLevel(level), view);
  }
  const std::unique_lock lock(state.mutex);
  if (!state.logger) state.logger = MakeLogger();
  state.logger->log(SpdlogLevel(level), view);
}

}  // namespace firmsign::telemetry
