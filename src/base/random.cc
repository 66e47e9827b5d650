// SPDX-License-Identifier: Apache-2.0

#include "base/random.h"

#include <array>

#include "base/check.h"

namespace firmsign {

void FakeRandom::Fill(std::span<unsigned char> out) {
  const std::lock_guard lock(mutex_);
  for (unsigned char& byte : out) {
    // SplitMix64 (Steele, Lea, Flood 2014): well spread, so that ids differ in every character.
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    byte = static_cast<unsigned char>((z ^ (z >> 31)) & 0xff);
  }
}

namespace {

using UuidBytes = std::array<unsigned char, 16>;

std::string FormatUuid(UuidBytes bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[bytes[i] >> 4]);
    text.push_back(kHex[bytes[i] & 0x0f]);
  }
  return text;
}

}  // namespace

std::string MakeUuid(Random& random) {
  UuidBytes bytes;
  random.Fill(bytes);
  return FormatUuid(bytes, 4);
}

std::string MakeOrderedUuid(Random& random, Instant now) {
  UuidBytes bytes;
  random.Fill(bytes);
  const auto millis = static_cast<std::uint64_t>(now.micros / 1000);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  return FormatUuid(bytes, 7);
}

std::string MakeRandomText(Random& random, std::string_view alphabet, std::size_t count) {
  CHECK(alphabet.size() >= 2 && alphabet.size() <= 256);
  // Bytes at or above the largest multiple of the alphabet's size are drawn again, so that no character is favoured.
  const std::size_t bound = 256 - 256 % alphabet.size();
  std::string text;
  text.reserve(count);
  std::array<unsigned char, 64> pool;
  std::size_t used = pool.size();
  while (text.size() < count) {
    if (used == pool.size()) {
      random.Fill(pool);
      used = 0;
    }
    const unsigned char byte = pool[used++];
    if (byte < bound) text.push_back(alphabet[byte % alphabet.size()]);
  }
  return text;
}

}  // namespace firmsign
