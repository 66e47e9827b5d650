// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/async.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <iterator>
#include <memory>
#include <mutex>

#include "base/time.h"

namespace firmsign::telemetry {
namespace {

constexpr std::size_t kQueueLines = 16 * 1024;

struct State {
  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kText};
  std::mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
};

State& TheState() {
  static State* state = new State();  // lives until the process ends, so that late lines find it
  return *state;
}

std::shared_ptr<spdlog::logger> MakeLogger(State& state) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  // One thread; when it falls behind, the oldest waiting lines are dropped rather than requests delayed.
  state.pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  auto logger = std::make_shared<spdlog::async_logger>("firmsign", sink, state.pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::warn);
  return logger;
}

spdlog::logger& TheLogger() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (!state.logger) state.logger = MakeLogger(state);
  return *state.logger;
}

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarning: return "warning";
    case Level::kError: return "error";
  }
  return "info";
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

bool IsPlain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

// Quotes and escapes, so that no value can look like another field or another line.
void AppendQuoted(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void AppendValue(fmt::memory_buffer& out, const Field& field, bool is_json) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (!is_json && IsPlain(*text)) {
      out.append(*text);
    } else {
      AppendQuoted(out, *text);
    }
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else {
    fmt::format_to(std::back_inserter(out), "{}", std::get<bool>(field.value));
  }
}

}  // namespace

void StartLog(Level level, Format format) {
  TheState().level = level;
  TheState().format = format;
}

void FlushLog() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (!state.logger) return;
  state.logger->flush();
  // Ending the pool writes out what is queued; a later line makes a new one.
  state.logger.reset();
  state.pool.reset();
}

bool LogEnabled(Level level) { return level >= TheState().level.load(std::memory_order_relaxed); }

void Log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!LogEnabled(level)) return;
  const bool is_json = TheState().format.load(std::memory_order_relaxed) == Format::kJson;
  const std::string time = FormatIso8601Millis(SystemClock().Now());
  fmt::memory_buffer line;
  if (is_json) {
    fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","event":)", time, LevelName(level));
    AppendQuoted(line, event);
  } else {
    fmt::format_to(std::back_inserter(line), "{} {} {}", time, LevelName(level), event);
  }
  for (const Field& field : fields) {
    if (is_json) {
      line.push_back(',');
      AppendQuoted(line, field.name);
      line.push_back(':');
    } else {
      line.push_back(' ');
      line.append(field.name);
      line.push_back('=');
    }
    AppendValue(line, field, is_json);
  }
  if (is_json) line.push_back('}');
  TheLogger().log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace firmsign::telemetry
