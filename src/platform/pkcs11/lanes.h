// SPDX-License-Identifier: Apache-2.0
//
// Lanes: the memory in which the server asks a token's worker, and the worker answers.
//
// A lane holds one question at a time, then its answer. Whoever has the lane in the server asks and waits; whichever
// thread of the worker is free takes the question. Who waits lets others run before it sleeps: on busy cores what it
// waits for is there when its turn comes, and nobody need be woken. On idle ones it stays awake for up to 0.12 ms when
// its last wait was short, so that the core need not halt.
//
// The worker holds foreign code. It cannot take the memory away (memfd_create(2), F_SEAL_SHRINK) nor make the server
// read beyond a lane, and an answer is copied before anybody looks at it.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::pkcs11 {

inline constexpr int kLanesMax = 256;

// Questions and answers have kPacketBytesMax bytes at most (packet.h).
// Thread safety: in the server a lane belongs to one thread at a time; Take and Answer are for all of the worker's.
class Lanes {
 public:
  // For the server; 1 to kLanesMax of them. kUnavailable: no memory or no descriptor is left.
  static Expected<std::unique_ptr<Lanes>> Make(int count);
  // For the worker: those of a server's descriptor(), which they own then. nullptr: it holds no such lanes.
  static std::unique_ptr<Lanes> Open(int descriptor, int count);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  int descriptor() const { return descriptor_; }

  // nullopt: there was no answer within `longest`, give or take 50 ms, or `is_alive`, which is asked after 1 ms, and
  // less often the longer it takes, said no. The worker may still write into the lane then.
  std::optional<std::string> Ask(int lane, std::string_view question, std::chrono::milliseconds longest,
                                 const std::function<bool()>& is_alive);

  // Waits for a question, writes it over `question`, and returns its lane. The lanes after `last`, which the thread
  // took before, come first: none is passed over for ever.
  int Take(std::string& question, int last);
  void Answer(int lane, std::string_view answer);

 private:
  struct Lane;
  struct Shared;

  Lanes(int descriptor, int count, Shared* shared) : descriptor_(descriptor), count_(count), shared_(shared) {}
  static std::size_t BytesOf(int count);
  Lane& At(int lane) const;
  char* TextOf(int lane) const;
  void WakeSleeper();

  const int descriptor_;
  const int count_;
  Shared* const shared_;
};

}  // namespace firmsign::pkcs11
