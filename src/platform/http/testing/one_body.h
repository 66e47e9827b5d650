// SPDX-License-Identifier: Apache-2.0
//
// A request body that is all there, for tests.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "platform/http/message.h"

namespace firmsign::http::testing {

class OneBody final : public BodyReader {
 public:
  explicit OneBody(std::string bytes) : bytes_(std::move(bytes)) {}
  Expected<std::size_t> Read(std::span<char> out) override {
    const std::size_t count = bytes_.copy(out.data(), out.size(), position_);
    position_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t position_ = 0;
};

}  // namespace firmsign::http::testing
