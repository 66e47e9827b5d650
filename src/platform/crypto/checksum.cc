// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/checksum.h"

#include <limits>

#include "base/check.h"
#include "platform/crypto/crc_polynomials.h"

namespace firmsign::crypto {
namespace {

template <class Word>
constexpr Word kOne = Word{1} << (std::numeric_limits<Word>::digits - 1);  // the polynomial 1

// a * b modulo the polynomial.
template <class Word>
Word Multiply(Word a, Word b, Word polynomial) {
  Word product = 0;
  for (Word bit = kOne<Word>; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ polynomial : b >> 1;
  }
  return product;
}

// x^(8 * bytes) modulo the polynomial: what appending so many bytes multiplies a remainder by.
template <class Word>
Word ShiftBy(std::uint64_t bytes, Word polynomial) {
  Word result = kOne<Word>;
  Word square = kOne<Word> >> 8;
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) result = Multiply(result, square, polynomial);
    square = Multiply(square, square, polynomial);
  }
  return result;
}

std::string BigEndian(std::uint64_t value, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) out[bytes - 1 - i] = static_cast<char>(value >> (8 * i));
  return out;
}

template <class Word>
Word ParseBigEndian(std::string_view bytes) {
  Word value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

template <class Word>
std::string Combine(std::string_view first, std::string_view second, std::uint64_t second_bytes, Word polynomial) {
  CHECK(first.size() == sizeof(Word) && second.size() == sizeof(Word));
  const Word shifted = Multiply(ShiftBy(second_bytes, polynomial), ParseBigEndian<Word>(first), polynomial);
  return BigEndian(shifted ^ ParseBigEndian<Word>(second), sizeof(Word));
}

}  // namespace

std::string_view ChecksumName(ChecksumKind kind) {
  switch (kind) {
    case ChecksumKind::kCrc32: return "CRC32";
    case ChecksumKind::kCrc32c: return "CRC32C";
    case ChecksumKind::kCrc64Nvme: return "CRC64NVME";
    case ChecksumKind::kSha1: return "SHA1";
    case ChecksumKind::kSha256: return "SHA256";
  }
  return "";
}

std::optional<ChecksumKind> ParseChecksumName(std::string_view name) {
  using enum ChecksumKind;
  for (const ChecksumKind kind : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    if (ChecksumName(kind) == name) return kind;
  }
  return std::nullopt;
}

std::size_t ChecksumBytes(ChecksumKind kind) {
  switch (kind) {
    case ChecksumKind::kCrc32:
    case ChecksumKind::kCrc32c: return 4;
    case ChecksumKind::kCrc64Nvme: return 8;
    case ChecksumKind::kSha1: return 20;
    case ChecksumKind::kSha256: return 32;
  }
  return 0;
}

bool IsCrc(ChecksumKind kind) { return kind != ChecksumKind::kSha1 && kind != ChecksumKind::kSha256; }

Checksum::Checksum(ChecksumKind kind) : kind_(kind) {
  if (kind == ChecksumKind::kSha1) digest_.emplace(Hash::kSha1);
  if (kind == ChecksumKind::kSha256) digest_.emplace(Hash::kSha256);
}

void Checksum::Update(std::string_view bytes) {
  switch (kind_) {
    case ChecksumKind::kCrc32: crc_ = Crc32(bytes, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumKind::kCrc32c: crc_ = Crc32c(bytes, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumKind::kCrc64Nvme: crc_ = Crc64Nvme(bytes, crc_); break;
    case ChecksumKind::kSha1:
    case ChecksumKind::kSha256: digest_->Update(bytes); break;
  }
}

std::string Checksum::Finish() { return digest_ ? digest_->Finish() : BigEndian(crc_, ChecksumBytes(kind_)); }

std::string ChecksumOf(ChecksumKind kind, std::string_view bytes) {
  Checksum checksum(kind);
  checksum.Update(bytes);
  return checksum.Finish();
}

std::string CombineCrc(ChecksumKind kind, std::string_view first, std::string_view second, std::uint64_t second_bytes) {
  CHECK(IsCrc(kind));
  switch (kind) {
    case ChecksumKind::kCrc32: return Combine(first, second, second_bytes, kCrc32Polynomial);
    case ChecksumKind::kCrc32c: return Combine(first, second, second_bytes, kCrc32cPolynomial);
    default: return Combine(first, second, second_bytes, kCrc64NvmePolynomial);
  }
}

}  // namespace firmsign::crypto
