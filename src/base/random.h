// SPDX-License-Identifier: Apache-2.0
//
// Randomness and the identifiers made of it.
//
// The real source is crypto::SystemRandom (platform/crypto/random.h); tests pass a FakeRandom and get fixed ids.

#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace firmsign {

// Thread safety: safe.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes that nobody can guess. Ends the process if the machine has no randomness.
  virtual void Fill(std::span<unsigned char> out) = 0;
};

// A counter dressed as randomness: the same ids in every run of a test.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed) {}
  void Fill(std::span<unsigned char> out) override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

// A version 4 UUID in lower case (RFC 9562 §5.4).
std::string MakeUuid(Random& random);

// A version 7 UUID in lower case (RFC 9562 §5.7): begins with the milliseconds of `now`, and has 74 random bits. For
// ids that lead indexes: new ones come last, so that a busy index is changed at its end alone, not all over the disk.
std::string MakeOrderedUuid(Random& random, Instant now);

// `count` characters, each drawn evenly from `alphabet` (2 to 256 characters).
std::string MakeRandomText(Random& random, std::string_view alphabet, std::size_t count);

inline constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace firmsign
