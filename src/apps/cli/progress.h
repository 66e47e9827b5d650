// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on standard error, if that is a terminal and there is enough to wait for.

#pragma once

#include <cstdint>
#include <string_view>

namespace firmsign::cli {

// Thread safety: confined.
class Progress {
 public:
  // `what` lives as long as the bar; `total` in bytes.
  Progress(std::string_view what, std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void Show(std::uint64_t done);

 private:
  std::string_view what_;
  std::uint64_t total_;
  bool is_shown_;
  std::uint64_t filled_ = UINT64_MAX;
};

}  // namespace firmsign::cli
