// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>

namespace firmsign::telemetry {
namespace {

// Upper bounds of the buckets in seconds: 1, 2 and 5 of each power of ten.
constexpr std::array kBounds{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                             0.2,    0.5,    1.0,    2.0,   5.0,   10.0,  20.0, 50.0, 100.0};

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// {a="x",b="y"}, with `extra` appended; empty without labels.
std::string FormatLabels(const Labels& labels, std::string_view extra = {}) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, Escape(value));
  }
  if (!extra.empty()) out += fmt::format("{}{}", out.empty() ? "" : ",", extra);
  return out.empty() ? out : "{" + out + "}";
}

// Whole numbers keep a fraction, as OpenMetrics' canonical numbers do.
std::string FormatFloat(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

struct Metrics::Series {
  Labels labels;
  Counter counter;
  Histogram histogram;
  std::function<double()> read;
};

struct Metrics::Family {
  std::string name;
  std::string help;
  std::string type;
  std::vector<std::unique_ptr<Series>> series;

  Series& Find(Labels labels) {
    for (const auto& one : series) {
      if (one->labels == labels) return *one;
    }
    series.push_back(std::make_unique<Series>());
    series.back()->labels = std::move(labels);
    return *series.back();
  }
};

void Histogram::Observe(double seconds) {
  static_assert(kBounds.size() == kBuckets);
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_micros_.fetch_add(std::llround(seconds * 1e6), std::memory_order_relaxed);
}

Metrics::Family& Metrics::FamilyOf(std::string name, std::string help, std::string_view type) {
  for (const auto& family : families_) {
    if (family->name == name) return *family;
  }
  families_.push_back(std::make_shared<Family>());
  *families_.back() = {.name = std::move(name), .help = std::move(help), .type = std::string(type), .series = {}};
  return *families_.back();
}

Counter& Metrics::MakeCounter(std::string name, std::string help, Labels labels) {
  const std::lock_guard lock(mutex_);
  return FamilyOf(std::move(name), std::move(help), "counter").Find(std::move(labels)).counter;
}

Histogram& Metrics::MakeHistogram(std::string name, std::string help, Labels labels) {
  const std::lock_guard lock(mutex_);
  return FamilyOf(std::move(name), std::move(help), "histogram").Find(std::move(labels)).histogram;
}

void Metrics::MakeGauge(std::string name, std::string help, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  FamilyOf(std::move(name), std::move(help), "gauge").Find({}).read = std::move(read);
}

std::string Metrics::Write() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  auto to = std::back_inserter(out);
  for (const auto& family : families_) {
    fmt::format_to(to, "# TYPE {0} {1}\n# HELP {0} {2}\n", family->name, family->type, Escape(family->help));
    for (const auto& series : family->series) {
      const std::string labels = FormatLabels(series->labels);
      if (family->type == "counter") {
        fmt::format_to(to, "{}_total{} {}\n", family->name, labels, series->counter.value());
      } else if (family->type == "gauge") {
        fmt::format_to(to, "{}{} {}\n", family->name, labels, FormatFloat(series->read()));
      } else {
        std::int64_t below = 0;
        for (std::size_t i = 0; i <= kBounds.size(); ++i) {
          below += series->histogram.counts_[i].load(std::memory_order_relaxed);
          const std::string bound =
              i < kBounds.size() ? fmt::format("le=\"{}\"", FormatFloat(kBounds[i])) : "le=\"+Inf\"";
          fmt::format_to(to, "{}_bucket{} {}\n", family->name, FormatLabels(series->labels, bound), below);
        }
        fmt::format_to(
            to, "{}_count{} {}\n{}_sum{} {}\n", family->name, labels, below, family->name, labels,
            FormatFloat(static_cast<double>(series->histogram.sum_micros_.load(std::memory_order_relaxed)) / 1e6));
      }
    }
  }
  out += "# EOF\n";
  return out;
}

}  // namespace firmsign::telemetry
