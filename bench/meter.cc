// SPDX-License-Identifier: Apache-2.0

#include "bench/meter.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace firmsign::bench {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// What /proc/PID/stat says, from the third field on. The second is the program's name in parentheses, which may hold
// blanks.
Expected<std::istringstream> StatFieldsOf(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);  // nothing when it has ended since
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return Fail(Code::kNotFound, fmt::format("there is no process {}", pid));
  return std::istringstream(text.substr(name_end + 1));
}

}  // namespace

double SecondsSince(SteadyTime start) { return std::chrono::duration<double>(Now() - start).count(); }

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

Expected<double> CpuSecondsOf(std::int64_t pid) {
  ASSIGN_OR_RETURN(std::istringstream fields, StatFieldsOf(pid));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;  // utime and stime are 14 and 15
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Expected<std::vector<std::int64_t>> ChildrenOf(std::int64_t pid) {
  std::error_code failed;
  std::vector<std::int64_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const std::int64_t process = std::atoll(entry.path().filename().c_str());
    auto fields = process > 0 ? StatFieldsOf(process) : Fail(Code::kNotFound, "it is no process");
    if (!fields) continue;  // or it has ended meanwhile
    std::string state;
    std::int64_t parent = 0;
    *fields >> state >> parent;
    if (parent == pid) children.push_back(process);
  }
  if (failed) return Fail(Code::kUnavailable, "/proc: " + failed.message());
  return children;
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
