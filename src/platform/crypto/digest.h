// SPDX-License-Identifier: Apache-2.0
//
// Hash functions and HMAC, by OpenSSL 3. All of these take milliseconds per megabyte and allocate nothing per call.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace firmsign::crypto {

enum class Hash { kMd5, kSha1, kSha256, kSha384, kSha512 };

std::size_t DigestBytes(Hash hash);

// The digest of bytes that come in pieces. Thread safety: confined.
class Digest {
 public:
  explicit Digest(Hash hash);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  void Update(std::string_view bytes);
  // The raw digest; the object starts again from nothing.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string DigestOf(Hash hash, std::string_view bytes);
// Lower-case hexadecimal SHA-256, as SigV4 uses it.
std::string Sha256Hex(std::string_view bytes);
// Raw HMAC (RFC 2104).
std::string Hmac(Hash hash, std::string_view key, std::string_view bytes);

// CRC-32 (ISO 3309) and CRC-32C (Castagnoli), to be continued from `previous`.
std::uint32_t Crc32(std::string_view bytes, std::uint32_t previous = 0);
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t previous = 0);
// CRC-64/NVME, as S3's x-amz-checksum-crc64nvme.
std::uint64_t Crc64Nvme(std::string_view bytes, std::uint64_t previous = 0);

}  // namespace firmsign::crypto
