// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace firmsign::cli {
namespace {

constexpr std::uint64_t kBytesMin = std::uint64_t{8} << 20;  // less is there before a bar is drawn
constexpr std::uint64_t kWidth = 40;

}  // namespace

Progress::Progress(std::string_view what, std::uint64_t total)
    : what_(what), total_(total), is_shown_(total >= kBytesMin && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "\n");
}

void Progress::Show(std::uint64_t done) {
  if (!is_shown_) return;
  const std::uint64_t filled = done * kWidth / total_;
  if (filled == filled_) return;
  filled_ = filled;
  fmt::print(stderr, "\r{:10} [{:<40}] {:3}%", what_, std::string(filled, '#'), done * 100 / total_);
  static_cast<void>(std::fflush(stderr));
}

}  // namespace firmsign::cli
