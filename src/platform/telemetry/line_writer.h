// SPDX-License-Identifier: Apache-2.0
//
// Writes lines to a descriptor from a thread of its own, many with one system call.
//
// A line waits a few milliseconds for others. Nobody waits for the reader of the descriptor: when it falls far behind,
// new lines are dropped, and a line says how many.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace firmsign::telemetry {

// Thread safety: safe.
class LineWriter {
 public:
  struct Options {
    int descriptor = 2;
    std::size_t bytes_max = 4 << 20;                       // waiting lines
    std::function<std::string(std::size_t)> lost_message;  // the line that tells of dropped ones
  };
  explicit LineWriter(Options options) : options_(std::move(options)) {}
  ~LineWriter();

  // `line` without its end.
  void Add(std::string_view line);
  // Writes out all that was added before.
  void Flush();

 private:
  void Run();

  const Options options_;

  std::mutex writing_;  // held while the descriptor is written to; taken before mutex_
  std::mutex mutex_;    // guards what follows
  std::condition_variable line_waits_;
  std::string waiting_;
  std::size_t lost_ = 0;
  bool is_idle_ = false;
  bool is_stopping_ = false;
  std::thread thread_;  // begins with the first line
};

}  // namespace firmsign::telemetry
