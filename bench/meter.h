// SPDX-License-Identifier: Apache-2.0
//
// Wall time, and CPU time of the driver and of the server apart.

#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "platform/json/json.h"

namespace firmsign::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime Now() { return std::chrono::steady_clock::now(); }
double SecondsSince(SteadyTime start);

// User and system CPU seconds that this process has used.
double OwnCpuSeconds();
// The same of another process, from /proc/PID/stat: to 10 ms. kNotFound: there is no such process.
Expected<double> CpuSecondsOf(std::int64_t pid);
// The processes whose parent it is. kUnavailable: /proc cannot be read.
Expected<std::vector<std::int64_t>> ChildrenOf(std::int64_t pid);

struct Usage {
  double seconds = 0;
  double server_cpu_seconds = 0;
  double driver_cpu_seconds = 0;
};

// What passes between Start and Stop. Thread safety: confined.
class Meter {
 public:
  // The CPU time of all these processes counts as the server's.
  static Expected<Meter> Start(std::vector<std::int64_t> server_pids);
  Expected<Usage> Stop() const;

 private:
  Meter() = default;
  Expected<double> ServerCpuSeconds() const;

  std::vector<std::int64_t> server_pids_;
  SteadyTime start_;
  double server_ = 0;
  double driver_ = 0;
};

// The members that every result with a count has: count, seconds, rate, and CPU microseconds each.
void WriteUsage(json::Writer& writer, const Usage& usage, std::int64_t count);
void WriteMember(json::Writer& writer, std::string_view name, double value);
void WriteMember(json::Writer& writer, std::string_view name, std::int64_t value);

}  // namespace firmsign::bench
