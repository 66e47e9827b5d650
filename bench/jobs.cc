// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>
#include <unordered_set>

#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/meter.h"
#include "bench/signer_api.h"

namespace firmsign::bench {
namespace {

constexpr double kDrainSecondsMax = 60;

// Waits until no job is in progress, or too long.
Expected<void> WaitForAll(SignerApi& api) {
  const SteadyTime start = Now();
  while (true) {
    ASSIGN_OR_RETURN(const SignerApi::Page page, api.ListSigningJobs("InProgress", {}));
    if (page.jobs.empty()) return {};
    if (SecondsSince(start) > kDrainSecondsMax) return Fail(Code::kUnavailable, "some jobs do not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

// How many of `jobs` the server lists as succeeded.
Expected<std::int64_t> CountSucceeded(SignerApi& api, std::unordered_set<std::string> jobs) {
  const std::size_t all = jobs.size();
  std::string token;
  do {
    ASSIGN_OR_RETURN(const SignerApi::Page page, api.ListSigningJobs("Succeeded", token));
    for (const std::string& job : page.jobs) jobs.erase(job);
    token = page.next_token;
  } while (!token.empty() && !jobs.empty());
  return static_cast<std::int64_t>(all - jobs.size());
}

double Percentile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

Expected<void> MeasureJobs(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const Target target, Target::From(arguments));
  ASSIGN_OR_RETURN(const std::int64_t clients, arguments.Number("clients"));
  ASSIGN_OR_RETURN(const std::int64_t seconds, arguments.Number("seconds"));
  ASSIGN_OR_RETURN(SignerApi counter, SignerApi::Connect(target));

  std::vector<std::vector<std::string>> started(static_cast<std::size_t>(clients));
  ASSIGN_OR_RETURN(const Meter meter, Meter::Start(target.server_pids));
  const SteadyTime start = Now();
  RETURN_IF_ERROR(RunCrowd(clients, [&](std::size_t member) -> Expected<void> {
    ASSIGN_OR_RETURN(SignerApi api, SignerApi::Connect(target, member));
    for (std::size_t i = member; SecondsSince(start) < static_cast<double>(seconds); ++i) {
      ASSIGN_OR_RETURN(std::string job, api.StartSigningJob(target.images[i % target.images.size()]));
      started[member].push_back(std::move(job));
    }
    return {};
  }));
  const double accepting_seconds = SecondsSince(start);
  RETURN_IF_ERROR(WaitForAll(counter));
  ASSIGN_OR_RETURN(const Usage usage, meter.Stop());

  std::unordered_set<std::string> jobs;
  std::int64_t answers = 0;
  for (std::vector<std::string>& list : started) {
    answers += static_cast<std::int64_t>(list.size());
    jobs.insert(std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  }
  ASSIGN_OR_RETURN(const std::int64_t succeeded, CountSucceeded(counter, std::move(jobs)));
  if (succeeded != answers) {
    return Fail(Code::kInvalid, fmt::format("of {} jobs that were started {} succeeded", answers, succeeded));
  }
  WriteMember(writer, "clients", clients);
  WriteUsage(writer, usage, succeeded);
  WriteMember(writer, "drain_seconds", usage.seconds - accepting_seconds);
  return {};
}

Expected<void> MeasureLatency(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const Target target, Target::From(arguments));
  ASSIGN_OR_RETURN(const std::int64_t clients, arguments.Number("clients"));
  ASSIGN_OR_RETURN(const std::int64_t count, arguments.Number("jobs"));
  // Asking again at once is right for small images; while a large one is hashed it would only take a core away.
  ASSIGN_OR_RETURN(const std::int64_t pause_micros, arguments.Number("pause-micros"));

  std::vector<double> millis(static_cast<std::size_t>(count));
  std::atomic<std::size_t> next{0};
  ASSIGN_OR_RETURN(const Meter meter, Meter::Start(target.server_pids));
  RETURN_IF_ERROR(RunCrowd(clients, [&](std::size_t member) -> Expected<void> {
    ASSIGN_OR_RETURN(SignerApi api, SignerApi::Connect(target, member));
    for (std::size_t i = next++; i < millis.size(); i = next++) {
      const SteadyTime sent = Now();
      ASSIGN_OR_RETURN(const std::string job, api.StartSigningJob(target.images[i % target.images.size()]));
      while (true) {
        ASSIGN_OR_RETURN(const std::string status, api.DescribeSigningJob(job));
        if (status == "Succeeded") break;
        std::this_thread::sleep_for(std::chrono::microseconds(pause_micros));
      }
      millis[i] = SecondsSince(sent) * 1e3;
    }
    return {};
  }));
  ASSIGN_OR_RETURN(const Usage usage, meter.Stop());
  std::ranges::sort(millis);
  WriteMember(writer, "clients", clients);
  WriteUsage(writer, usage, count);
  WriteMember(writer, "millis_min", millis.front());
  WriteMember(writer, "millis_p50", Percentile(millis, 0.50));
  WriteMember(writer, "millis_p99", Percentile(millis, 0.99));
  WriteMember(writer, "millis_max", millis.back());
  return {};
}

}  // namespace firmsign::bench
