// SPDX-License-Identifier: Apache-2.0
//
// The checksums by which a client of object storage names its bytes: three CRCs and two hashes behind one interface.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/crypto/digest.h"

namespace firmsign::crypto {

enum class ChecksumKind : std::uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

// "CRC32C".
std::string_view ChecksumName(ChecksumKind kind);
std::optional<ChecksumKind> ParseChecksumName(std::string_view name);
std::size_t ChecksumBytes(ChecksumKind kind);
// Whether checksums of parts can be combined into the one of the whole.
bool IsCrc(ChecksumKind kind);

// The checksum of bytes that come in pieces. Thread safety: confined.
class Checksum {
 public:
  explicit Checksum(ChecksumKind kind);
  void Update(std::string_view bytes);
  // Raw, a CRC in big-endian order. To be called once.
  std::string Finish();

 private:
  ChecksumKind kind_;
  std::optional<Digest> digest_;
  std::uint64_t crc_ = 0;
};

std::string ChecksumOf(ChecksumKind kind, std::string_view bytes);

// The CRC of `first` followed by `second`, both raw; `second_bytes` is the length of what `second` covers.
std::string CombineCrc(ChecksumKind kind, std::string_view first, std::string_view second, std::uint64_t second_bytes);

}  // namespace firmsign::crypto
