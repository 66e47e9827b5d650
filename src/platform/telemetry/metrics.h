// SPDX-License-Identifier: Apache-2.0
//
// Counters, gauges and histograms, written in the OpenMetrics text format (1.0).

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firmsign::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Thread safety: safe.
class Counter {
 public:
  void Add(std::int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Durations in seconds, in fixed buckets from 100 microseconds to 100 seconds. Thread safety: safe.
class Histogram {
 public:
  void Observe(double seconds);

 private:
  friend class Metrics;
  static constexpr std::size_t kBuckets = 19;
  std::atomic<std::int64_t> counts_[kBuckets + 1]{};
  std::atomic<std::int64_t> sum_micros_{0};
};

// The registry of one process. Metrics live as long as it does. Thread safety: safe.
class Metrics {
 public:
  // The same name and labels give the same object again.
  Counter& MakeCounter(std::string name, std::string help, Labels labels = {});
  Histogram& MakeHistogram(std::string name, std::string help, Labels labels = {});
  void MakeGauge(std::string name, std::string help, std::function<double()> read);

  // Ends with "# EOF". Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8
  std::string Write() const;

 private:
  struct Series;
  struct Family;
  Family& FamilyOf(std::string name, std::string help, std::string_view type);
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Family>> families_;
};

}  // namespace firmsign::telemetry
