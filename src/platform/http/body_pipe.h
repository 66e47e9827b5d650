// SPDX-License-Identifier: Apache-2.0
//
// The bounded buffer between a connection, which receives a streaming body, and the thread that reads it.
//
// A ring of bytes with one writer and one reader. Bytes are received into the ring and copied out of it without the
// lock, which guards only the counters. When the ring is full the connection stops reading its socket, so that TCP
// slows the client down.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "platform/http/message.h"
#include "platform/http/parser.h"

namespace firmsign::http {

// Thread safety: Read belongs to one thread, everything else to another.
class BodyPipe final : public BodyReader, public ChunkSink {
 public:
  // `wake` tells the writing side to look again: the reader wants its first byte, or room has become free. It is called
  // on the reader's thread.
  BodyPipe(std::size_t capacity, std::function<void()> wake);

  Expected<std::size_t> Read(std::span<char> out) override;

  // True once the reader has asked for a byte.
  bool IsWanted();
  // Free space to receive into. When it is empty, `wake` follows once there is some.
  std::span<char> Room();
  // The first `count` bytes of Room() have been filled.
  void Commit(std::size_t count);
  // Copies as much of `piece` as there is room for.
  std::size_t Take(std::string_view piece) override;
  // No more bytes: the body is complete, or broken. The first call counts.
  void End();
  void Fail(Error error);

 private:
  const std::size_t capacity_;
  const std::unique_ptr<char[]> bytes_;
  const std::function<void()> wake_;

  std::mutex mutex_;
  std::condition_variable readable_;
  std::size_t begin_ = 0;  // where the reader goes on
  std::size_t size_ = 0;   // filled bytes from there, around the end
  bool is_wanted_ = false;
  bool is_writer_waiting_ = false;
  bool is_ended_ = false;
  std::optional<Error> error_;
};

}  // namespace firmsign::http
