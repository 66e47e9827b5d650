// SPDX-License-Identifier: Apache-2.0
//
// What is computed of an object's bytes as they pass: the MD5 of its ETag and one checksum (contract §8.5).
//
// SHA-256 is never computed here: the gateway's Payload has it already.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/crypto/digest.h"

namespace firmsign::s3 {

enum class ChecksumKind { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

// What S3 computes when the client names nothing.
inline constexpr ChecksumKind kDefaultChecksum = ChecksumKind::kCrc64Nvme;

// "CRC32C", as in ChecksumAlgorithm elements.
std::string_view ChecksumName(ChecksumKind algorithm);
std::optional<ChecksumKind> ParseChecksumName(std::string_view name);
std::size_t ChecksumBytes(ChecksumKind algorithm);
// Whether checksums of parts can be combined into the one of the whole.
bool IsCrc(ChecksumKind algorithm);

struct Digests {
  std::string md5;       // raw
  std::string checksum;  // raw, big-endian
};

// Thread safety: confined.
class Digesting {
 public:
  explicit Digesting(ChecksumKind algorithm);
  void Update(std::string_view bytes);
  // `sha256`: raw, of the same bytes, as the payload computed it.
  Digests Finish(std::string_view sha256);

 private:
  ChecksumKind algorithm_;
  crypto::Digest md5_;
  std::optional<crypto::Digest> sha1_;
  std::uint64_t crc_ = 0;
};

// The CRC of `first` followed by `second`, both raw; `second_bytes` is the length of what `second` covers.
std::string CombineCrc(ChecksumKind algorithm, std::string_view first, std::string_view second,
                       std::uint64_t second_bytes);

}  // namespace firmsign::s3
