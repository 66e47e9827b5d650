// SPDX-License-Identifier: Apache-2.0
//
// For tests: a body on its way.

#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "platform/http/message.h"

namespace firmsign::gateway {

// Arrives in pieces of `step` bytes, and breaks at its end when told so. Thread safety: confined.
class Arriving final : public http::BodyReader {
 public:
  explicit Arriving(std::string bytes, std::size_t step = 7) : bytes_(std::move(bytes)), step_(step) {}
  bool breaks = false;
  Expected<std::size_t> Read(std::span<char> out) override {
    if (position_ == bytes_.size() && breaks) return Fail(Code::kUnavailable, "the client left");
    const std::size_t count = bytes_.copy(out.data(), std::min(out.size(), step_), position_);
    position_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t step_;
  std::size_t position_ = 0;
};

}  // namespace firmsign::gateway
