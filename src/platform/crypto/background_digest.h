// SPDX-License-Identifier: Apache-2.0
//
// A digest that a thread of its own computes, while the caller does something else with the same bytes: for bodies that
// need more hashing than one core does as fast as the network.

#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include "platform/crypto/digest.h"

namespace firmsign::crypto {

// Costs a thread; worth it from about a megabyte on. Thread safety: confined.
class BackgroundDigest {
 public:
  explicit BackgroundDigest(Hash hash);
  BackgroundDigest(const BackgroundDigest&) = delete;
  BackgroundDigest& operator=(const BackgroundDigest&) = delete;
  ~BackgroundDigest();

  // Returns once the bytes before these are hashed. These must stay as they are until the next call returns.
  void Update(std::string_view bytes);
  // The raw digest. To be called once.
  std::string Finish();

 private:
  enum class Turn { kCaller, kWorker, kEnd };
  void Work();
  void Wait() const;
  void Give(Turn turn);

  Digest digest_;
  std::string_view bytes_;
  std::atomic<Turn> turn_ = Turn::kCaller;
  std::thread worker_;
};

}  // namespace firmsign::crypto
