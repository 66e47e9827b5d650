// SPDX-License-Identifier: Apache-2.0
//
// Bytes received and not yet used, in one piece.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace firmsign::http {

// Thread safety: confined.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity)
      : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  // At least `room_min` bytes to receive into; moves or enlarges the buffer when needed, so views end here.
  std::span<char> Room(std::size_t room_min) {
    if (capacity_ - end_ < room_min) {
      std::size_t size = end_ - begin_;
      if (capacity_ - size >= room_min) {
        std::memmove(bytes_.get(), bytes_.get() + begin_, size);
      } else {
        std::size_t capacity = std::max(capacity_ * 2, size + room_min);
        auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
        std::memcpy(bytes.get(), bytes_.get() + begin_, size);
        bytes_ = std::move(bytes);
        capacity_ = capacity;
      }
      begin_ = 0;
      end_ = size;
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void Commit(std::size_t count) { end_ += count; }
  void Consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace firmsign::http
