// SPDX-License-Identifier: Apache-2.0

#include "platform/http/body_pipe.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace firmsign::http {

BodyPipe::BodyPipe(std::size_t capacity, std::function<void()> wake)
    : capacity_(std::max<std::size_t>(capacity, 1)),
      bytes_(std::make_unique_for_overwrite<char[]>(capacity_)),
      wake_(std::move(wake)) {}

Expected<std::size_t> BodyPipe::Read(std::span<char> out) {
  CHECK(!out.empty());  // 0 would be taken for the end of the body
  std::size_t begin = 0;
  std::size_t count = 0;
  {
    std::unique_lock lock(mutex_);
    if (!is_wanted_) {
      is_wanted_ = true;
      lock.unlock();
      wake_();
      lock.lock();
    }
    readable_.wait(lock, [&] { return size_ > 0 || is_ended_; });
    if (size_ == 0) {
      if (error_) return std::unexpected(*error_);
      return 0;
    }
    begin = begin_;
    count = std::min({out.size(), size_, capacity_ - begin_});
  }
  std::memcpy(out.data(), bytes_.get() + begin, count);
  bool wakes = false;
  {
    std::unique_lock lock(mutex_);
    begin_ = (begin_ + count) % capacity_;
    size_ -= count;
    // Waking for every few bytes would cost more than receiving them.
    wakes = is_writer_waiting_ && capacity_ - size_ >= (capacity_ + 3) / 4;
    if (wakes) is_writer_waiting_ = false;
  }
  if (wakes) wake_();
  return count;
}

bool BodyPipe::IsWanted() {
  std::unique_lock lock(mutex_);
  return is_wanted_;
}

std::span<char> BodyPipe::Room() {
  std::unique_lock lock(mutex_);
  if (size_ == capacity_) {
    is_writer_waiting_ = true;
    return {};
  }
  if (size_ == 0) begin_ = 0;  // nobody copies out of an empty ring; a fresh start gives the longest room
  std::size_t end = (begin_ + size_) % capacity_;
  std::size_t count = std::min(capacity_ - size_, capacity_ - end);
  return {bytes_.get() + end, count};
}

void BodyPipe::Commit(std::size_t count) {
  std::unique_lock lock(mutex_);
  CHECK(count <= capacity_ - size_);
  size_ += count;
  lock.unlock();
  readable_.notify_one();
}

std::size_t BodyPipe::Take(std::string_view piece) {
  std::size_t taken = 0;
  while (taken < piece.size()) {
    std::span<char> room = Room();
    if (room.empty()) break;
    std::size_t count = std::min(room.size(), piece.size() - taken);
    std::memcpy(room.data(), piece.data() + taken, count);
    Commit(count);
    taken += count;
  }
  return taken;
}

void BodyPipe::End() {
  std::unique_lock lock(mutex_);
  is_ended_ = true;
  lock.unlock();
  readable_.notify_one();
}

void BodyPipe::Fail(Error error) {
  std::unique_lock lock(mutex_);
  if (is_ended_) return;
  is_ended_ = true;
  error_ = std::move(error);
  lock.unlock();
  readable_.notify_one();
}

}  // namespace firmsign::http
