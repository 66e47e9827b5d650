// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/metrics.h"

#include <gmock/gmock.h>

#include <limits>
#include <thread>

namespace firmsign::telemetry {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, ACounterIsWrittenWithItsLabels) {
  Metrics metrics;
  metrics.MakeCounter("requests", "Requests answered.", {{"service", "s3"}, {"status", "200"}}).Add(3);
  metrics.MakeCounter("requests", "Requests answered.", {{"service", "iam"}, {"status", "200"}}).Add();
  EXPECT_EQ(metrics.Write(),
            "# TYPE requests counter\n"
            "# HELP requests Requests answered.\n"
            "requests_total{service=\"s3\",status=\"200\"} 3\n"
            "requests_total{service=\"iam\",status=\"200\"} 1\n"
            "# EOF\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  Metrics metrics;
  Counter& first = metrics.MakeCounter("a", "A.", {{"x", "1"}});
  EXPECT_EQ(&first, &metrics.MakeCounter("a", "A.", {{"x", "1"}}));
  EXPECT_NE(&first, &metrics.MakeCounter("a", "A.", {{"x", "2"}}));
}

TEST(Metrics, AGaugeIsReadWhenItIsWritten) {
  Metrics metrics;
  double value = 1;
  metrics.MakeGauge("queue", "Waiting.", [&] { return value; });
  EXPECT_THAT(metrics.Write(), HasSubstr("# TYPE queue gauge\n# HELP queue Waiting.\nqueue 1.0\n"));
  value = 2.5;
  EXPECT_THAT(metrics.Write(), HasSubstr("\nqueue 2.5\n"));
  value = std::numeric_limits<double>::infinity();
  EXPECT_THAT(metrics.Write(), HasSubstr("\nqueue +Inf\n"));
  value = -value;
  EXPECT_THAT(metrics.Write(), HasSubstr("\nqueue -Inf\n"));
  value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(metrics.Write(), HasSubstr("\nqueue NaN\n"));
}

TEST(Metrics, TheBucketsOfAHistogramAddUp) {
  Metrics metrics;
  Histogram& seconds = metrics.MakeHistogram("latency_seconds", "Time.", {{"op", "x"}});
  seconds.Observe(0.0001);  // on the bound of the first bucket, which includes it
  seconds.Observe(0.3);
  seconds.Observe(0.4);
  seconds.Observe(1000);
  const std::string text = metrics.Write();
  EXPECT_THAT(text, HasSubstr("# TYPE latency_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"0.2\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"0.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"1.0\"} 3\n"))
      << "OpenMetrics writes whole floats so";
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"100.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{op=\"x\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_count{op=\"x\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_sum{op=\"x\"} 1000.7001\n"));
}

TEST(Metrics, LabelValuesCannotForgeALine) {
  Metrics metrics;
  metrics.MakeCounter("a", "He said \"no\"\n\\.", {{"x", "1\"} 5\nb 6\\"}});
  const std::string text = metrics.Write();
  EXPECT_THAT(text, HasSubstr(R"(a_total{x="1\"} 5\nb 6\\"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(# HELP a He said \"no\"\n\\.)"));
  EXPECT_THAT(text, Not(HasSubstr("\nb 6")));
}

TEST(Metrics, NothingIsStillAValidText) { EXPECT_EQ(Metrics().Write(), "# EOF\n"); }

TEST(MetricsConcurrency, NoIncrementIsLost) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        metrics.MakeCounter("a", "A.").Add();
        metrics.MakeHistogram("b", "B.").Observe(0.001);
        if (j % 100 == 0) {
          EXPECT_THAT(metrics.Write(), EndsWith("# EOF\n"));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Write(), HasSubstr("a_total 8000\n"));
  EXPECT_THAT(metrics.Write(), HasSubstr("b_count 8000\n"));
}

}  // namespace
}  // namespace firmsign::telemetry
