// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/line_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace firmsign::telemetry {
namespace {

class LineWriterTest : public ::testing::Test {
 protected:
  LineWriterTest() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }

  void TearDown() override {
    for (const int end : ends_) ::close(end);
  }

  LineWriter::Options Options(std::size_t bytes_max) const {
    return {.descriptor = ends_[1], .bytes_max = bytes_max, .lost_message = [](std::size_t count) {
              return "lost " + std::to_string(count);
            }};
  }

  std::string Read(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t size = 0;
    while (size < bytes) {
      const ssize_t count = ::read(ends_[0], text.data() + size, bytes - size);
      if (count <= 0) break;
      size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
  }

  std::array<int, 2> ends_{};
};

TEST_F(LineWriterTest, WritesByItself) {
  LineWriter writer(Options(1000));
  writer.Add("one");
  EXPECT_EQ(Read(4), "one\n");
  writer.Add("two");
  writer.Add("three");
  EXPECT_EQ(Read(10), "two\nthree\n");
}

TEST_F(LineWriterTest, AReaderThatFallsBehindCostsLinesAndIsTold) {
  // The pipe holds little and nobody reads it, so the writer's thread is stuck with the first lines.
  const int size = ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
  ASSERT_GT(size, 0);
  LineWriter writer(Options(100));
  const std::string fills_the_pipe(static_cast<std::size_t>(size), 'x');
  ASSERT_EQ(::write(ends_[1], fills_the_pipe.data(), fills_the_pipe.size()), size);
  for (int i = 0; i < 1000; ++i) writer.Add("0123456789");  // returns, that is the point
  EXPECT_EQ(Read(fills_the_pipe.size()), fills_the_pipe);
  std::string rest;
  while (rest.find("lost ") == std::string::npos || !rest.ends_with('\n')) {
    const std::string byte = Read(1);
    ASSERT_FALSE(byte.empty());
    rest += byte;
  }
  // Every line is there whole or counted.
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = rest.find("0123456789\n", at)) != std::string::npos; ++at) ++lines;
  EXPECT_EQ(lines * 11 + rest.size() - rest.find("lost "), rest.size());
  EXPECT_EQ(rest.substr(rest.find("lost ")), "lost " + std::to_string(1000 - lines) + "\n");
}

TEST_F(LineWriterTest, SurvivesADescriptorThatDoesNotBlock) {
  ASSERT_EQ(::fcntl(ends_[1], F_SETFL, O_NONBLOCK), 0);
  ASSERT_GT(::fcntl(ends_[1], F_SETPIPE_SZ, 4096), 0);
  LineWriter writer(Options(1 << 20));
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    writer.Add("line " + std::to_string(i));
    expected += "line " + std::to_string(i) + "\n";
  }
  EXPECT_EQ(Read(expected.size()), expected);
}

}  // namespace
}  // namespace firmsign::telemetry
