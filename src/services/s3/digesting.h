// SPDX-License-Identifier: Apache-2.0
//
// What is computed of an object's bytes as they pass: the MD5 of its ETag and one checksum or two (contract §8.5).
//
// SHA-256 is never computed here: the gateway's Payload has it already. MD5 takes longest of all, and can have a thread
// of its own.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "platform/crypto/background_digest.h"
#include "platform/crypto/checksum.h"
#include "platform/crypto/digest.h"

namespace firmsign::s3 {

using crypto::ChecksumBytes;
using crypto::ChecksumKind;
using crypto::ChecksumName;
using crypto::CombineCrc;
using crypto::IsCrc;
using crypto::ParseChecksumName;

// What S3 computes when the client names nothing.
inline constexpr ChecksumKind kDefaultChecksum = ChecksumKind::kCrc64Nvme;

struct Digests {
  std::string md5;       // raw
  std::string checksum;  // raw, big-endian
  std::string other;     // raw, big-endian; empty unless asked for
};

enum class Md5 { kHere, kInBackground };

// Thread safety: confined.
class Digesting {
 public:
  explicit Digesting(ChecksumKind kind, std::optional<ChecksumKind> other = {}, Md5 md5 = Md5::kHere);
  // With kInBackground the bytes must stay as they are until the next call returns.
  void Update(std::string_view bytes);
  // `sha256`: raw, of the same bytes, as the payload computed it.
  Digests Finish(std::string_view sha256);

 private:
  std::variant<crypto::Digest, std::unique_ptr<crypto::BackgroundDigest>> md5_;
  std::optional<crypto::Checksum> checksum_;  // none for SHA-256
  std::optional<crypto::Checksum> other_;     // none for SHA-256 either
  bool is_other_sha256_;
};

}  // namespace firmsign::s3
