// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/log.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "platform/telemetry/log_line.h"

namespace firmsign::telemetry {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Instant kNow = {1'700'000'000'123'456};

std::string Line(Format format, std::string_view event, std::initializer_list<Field> fields) {
  return FormatLine(format, kNow, Level::kInfo, event, {fields.begin(), fields.size()});
}

TEST(FormatLine, TextIsTimeLevelEventAndFields) {
  EXPECT_EQ(Line(Format::kText, "job_ended", {{"job", "a-1/ö"}, {"tries", 2}, {"is_new", true}, {"why", "no key"}}),
            "2023-11-14T22:13:20.123Z info job_ended job=\"a-1/ö\" tries=2 is_new=true why=\"no key\"");
}

TEST(FormatLine, JsonHasTheSameMembers) {
  EXPECT_EQ(Line(Format::kJson, "job_ended", {{"job", "a-1"}, {"tries", -2}, {"is_new", false}}),
            R"({"time":"2023-11-14T22:13:20.123Z","level":"info","event":"job_ended","job":"a-1","tries":-2,)"
            R"("is_new":false})");
}

TEST(FormatLine, NoValueForgesAFieldOrALine) {
  const std::string forged = "x\n2023-11-14T22:13:20.123Z info login user=root\r\t\x1b[31m\x7f\"\\";
  EXPECT_THAT(
      Line(Format::kText, "e", {{"name", forged}}),
      EndsWith(R"( e name="x\u000a2023-11-14T22:13:20.123Z info login user=root\u000d\u0009\u001b[31m\u007f\"\\")"));
  EXPECT_THAT(Line(Format::kText, "e", {{"name", "a user=root"}}), EndsWith("name=\"a user=root\""));
  EXPECT_THAT(Line(Format::kText, "e", {{"name", "a=b"}}), EndsWith("name=\"a=b\""));
  EXPECT_THAT(Line(Format::kText, "e", {{"name", ""}}), EndsWith("name=\"\""));
  EXPECT_THAT(Line(Format::kText, "e\nf", {}), EndsWith(R"("e\u000af")"));
}

TEST(FormatLine, IsAlwaysOneLineOfPrintableUtf8) {
  for (const Format format : {Format::kText, Format::kJson}) {
    for (int byte = 0; byte < 256; ++byte) {
      for (const std::string& value :
           {std::string(1, static_cast<char>(byte)), "\xC2" + std::string(1, static_cast<char>(byte))}) {
        const std::string line = Line(format, "e", {{"v", value}});
        EXPECT_TRUE(IsUtf8(line)) << byte;
        for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << byte;
      }
    }
  }
  EXPECT_THAT(Line(Format::kJson, "e", {{"v", "\xff\xC3\xA4\xC2\x9b"}}), EndsWith("\"v\":\"\\ufffd\xC3\xA4\\u009b\"}"));
}

TEST(Log, WritesToStandardErrorWhatIsAtItsLevelOrAbove) {
  ::testing::internal::CaptureStderr();
  StartLog(Level::kWarning, Format::kText);
  EXPECT_FALSE(LogEnabled(Level::kInfo));
  Log(Level::kInfo, "quiet");
  Log(Level::kWarning, "loud", {{"n", 1}});
  FlushLog();
  StartLog(Level::kInfo, Format::kText);
  Log(Level::kInfo, "after_flush");
  FlushLog();
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, Not(HasSubstr("quiet")));
  EXPECT_THAT(written, HasSubstr(" warning loud n=1\n"));
  EXPECT_THAT(written, HasSubstr(" info after_flush\n"));
}

TEST(LogConcurrency, EachLineArrivesWhole) {
  constexpr int kThreads = 8;
  constexpr int kLines = 200;
  ::testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < kLines; ++i) Log(Level::kInfo, "line", {{"thread", thread}, {"i", i}});
    });
  }
  FlushLog();  // also while others write
  for (std::thread& thread : threads) thread.join();
  FlushLog();
  const std::string written = ::testing::internal::GetCapturedStderr();
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kLines; ++i) {
      const std::string line = " info line thread=" + std::to_string(thread) + " i=" + std::to_string(i) + "\n";
      ASSERT_THAT(written, HasSubstr(line));
    }
  }
}

}  // namespace
}  // namespace firmsign::telemetry
