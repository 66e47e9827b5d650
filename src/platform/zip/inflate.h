// SPDX-License-Identifier: Apache-2.0
//
// Raw deflate (RFC 1951) by zlib, a piece at a time, for the other files of this folder. Nobody else includes this.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "platform/zip/archive.h"

namespace firmsign::zip {

// CRC-32 (ISO 3309), to be continued from `previous`.
std::uint32_t Crc32(std::string_view bytes, std::uint32_t previous = 0);

// Thread safety: confined.
class Inflater {
 public:
  Inflater();
  ~Inflater();

  // Begins another stream.
  void Reset();
  // Inflates one more piece of it. kInvalid: no deflate, something after the stream's end, or more than `bytes_max`
  // bytes since Reset. And what the sink returns.
  Expected<void> Write(std::string_view piece, std::uint64_t bytes_max, const Sink& sink);
  // The stream has come to its end.
  bool is_finished() const { return is_finished_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t inflated_ = 0;
  bool is_finished_ = false;
};

}  // namespace firmsign::zip
