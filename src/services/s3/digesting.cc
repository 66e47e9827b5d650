// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

#include <limits>

#include "base/check.h"

namespace firmsign::s3 {
namespace {

// Polynomials with their lowest term in the highest bit, as these CRCs process bits.
constexpr std::uint32_t kCrc32Polynomial = 0xEDB88320;
constexpr std::uint32_t kCrc32cPolynomial = 0x82F63B78;
constexpr std::uint64_t kCrc64NvmePolynomial = 0x9A6C9329AC4BC9B5;

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

std::string_view ChecksumName(ChecksumKind algorithm) {
  switch (algorithm) {
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
  for (const ChecksumKind algorithm : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    if (ChecksumName(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

std::size_t ChecksumBytes(ChecksumKind algorithm) {
  switch (algorithm) {
    case ChecksumKind::kCrc32:
    case ChecksumKind::kCrc32c: return 4;
    case ChecksumKind::kCrc64Nvme: return 8;
    case ChecksumKind::kSha1: return 20;
    case ChecksumKind::kSha256: return 32;
  }
  return 0;
}

bool IsCrc(ChecksumKind algorithm) { return algorithm != ChecksumKind::kSha1 && algorithm != ChecksumKind::kSha256; }

Digesting::Digesting(ChecksumKind algorithm) : algorithm_(algorithm), md5_(crypto::Hash::kMd5) {
  if (algorithm == ChecksumKind::kSha1) sha1_.emplace(crypto::Hash::kSha1);
}

void Digesting::Update(std::string_view bytes) {
  md5_.Update(bytes);
  switch (algorithm_) {
    case ChecksumKind::kCrc32: crc_ = crypto::Crc32(bytes, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumKind::kCrc32c: crc_ = crypto::Crc32c(bytes, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumKind::kCrc64Nvme: crc_ = crypto::Crc64Nvme(bytes, crc_); break;
    case ChecksumKind::kSha1: sha1_->Update(bytes); break;
    case ChecksumKind::kSha256: break;
  }
}

Digests Digesting::Finish(std::string_view sha256) {
  Digests digests{.md5 = md5_.Finish()};
  if (algorithm_ == ChecksumKind::kSha256) {
    digests.checksum = sha256;
  } else if (algorithm_ == ChecksumKind::kSha1) {
    digests.checksum = sha1_->Finish();
  } else {
    digests.checksum = BigEndian(crc_, ChecksumBytes(algorithm_));
  }
  return digests;
}

std::string CombineCrc(ChecksumKind algorithm, std::string_view first, std::string_view second,
                       std::uint64_t second_bytes) {
  CHECK(IsCrc(algorithm));
  switch (algorithm) {
    case ChecksumKind::kCrc32: return Combine(first, second, second_bytes, kCrc32Polynomial);
    case ChecksumKind::kCrc32c: return Combine(first, second, second_bytes, kCrc32cPolynomial);
    default: return Combine(first, second, second_bytes, kCrc64NvmePolynomial);
  }
}

}  // namespace firmsign::s3
