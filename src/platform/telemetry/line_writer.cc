// SPDX-License-Identifier: Apache-2.0

#include "platform/telemetry/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/thread_name.h"

namespace firmsign::telemetry {
namespace {

// Long enough that a busy server writes a hundred lines at once, too short for a person to notice.
constexpr std::chrono::milliseconds kGather{2};

// What cannot be written is lost: there is no better place to say so.
void WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {  // the descriptor is shared with a program that made it non-blocking
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    line_waits_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  Flush();
}

void LineWriter::Add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + line.size() >= options_.bytes_max) {
    ++lost_;
    return;
  }
  waiting_.append(line);
  waiting_.push_back('\n');
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { Run(); });
  } else if (is_idle_) {
    is_idle_ = false;
    line_waits_.notify_one();
  }
}

void LineWriter::Flush() {
  const std::lock_guard writing(writing_);
  std::string bytes;
  std::size_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    bytes.swap(waiting_);
    lost = std::exchange(lost_, 0);
  }
  if (lost > 0) bytes += options_.lost_message(lost) + "\n";
  WriteAll(options_.descriptor, bytes);
}

void LineWriter::Run() {
  NameThisThread("log");
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      is_idle_ = waiting_.empty();
      line_waits_.wait(lock, [this] { return !waiting_.empty() || is_stopping_; });
      is_idle_ = false;
      if (is_stopping_) return;
    }
    std::this_thread::sleep_for(kGather);
    Flush();
  }
}

}  // namespace firmsign::telemetry
