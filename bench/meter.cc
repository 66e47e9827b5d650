// SPDX-License-Identifier: Apache-2.0

#include "bench/meter.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

namespace firmsign::bench {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

double SecondsSince(SteadyTime start) { return std::chrono::duration<double>(Now() - start).count(); }

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

Expected<double> CpuSecondsOf(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // The second field is the program's name in parentheses, which may hold blanks; utime and stime are 14 and 15.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return Fail(Code::kNotFound, fmt::format("there is no process {}", pid));
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Expected<double> Meter::ServerCpuSeconds() const {
  double sum = 0;
  for (const std::int64_t pid : server_pids_) {
    ASSIGN_OR_RETURN(const double seconds, CpuSecondsOf(pid));
    sum += seconds;
  }
  return sum;
}

Expected<Meter> Meter::Start(std::vector<std::int64_t> server_pids) {
  Meter meter;
  meter.server_pids_ = std::move(server_pids);
  ASSIGN_OR_RETURN(meter.server_, meter.ServerCpuSeconds());
  meter.driver_ = OwnCpuSeconds();
  meter.start_ = Now();
  return meter;
}

Expected<Usage> Meter::Stop() const {
  Usage usage{.seconds = SecondsSince(start_)};
  ASSIGN_OR_RETURN(const double server, ServerCpuSeconds());
  usage.server_cpu_seconds = server - server_;
  usage.driver_cpu_seconds = OwnCpuSeconds() - driver_;
  return usage;
}

void WriteMember(json::Writer& writer, std::string_view name, double value) {
  writer.Name(name);
  writer.Double(value);
}

void WriteMember(json::Writer& writer, std::string_view name, std::int64_t value) {
  writer.Name(name);
  writer.Int(value);
}

void WriteUsage(json::Writer& writer, const Usage& usage, std::int64_t count) {
  const auto each = [&](double cpu_seconds) {
    return count == 0 ? 0.0 : cpu_seconds * 1e6 / static_cast<double>(count);
  };
  WriteMember(writer, "count", count);
  WriteMember(writer, "seconds", usage.seconds);
  WriteMember(writer, "per_second", static_cast<double>(count) / usage.seconds);
  WriteMember(writer, "server_cpu_micros_each", each(usage.server_cpu_seconds));
  WriteMember(writer, "driver_cpu_micros_each", each(usage.driver_cpu_seconds));
}

}  // namespace firmsign::bench
