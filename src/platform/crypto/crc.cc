// SPDX-License-Identifier: Apache-2.0
//
// The CRCs of the S3 API, eight bytes at a time ("slicing by 8", Kounavis and Berry 2005); CRC-32C by the processor's
// own instruction where it has one.
//
// All three are the reflected kind: bit 0 of a byte comes first, the register starts as all ones and ends inverted.

#include <array>
#include <bit>
#include <cstring>

#include "platform/crypto/crc_polynomials.h"
#include "platform/crypto/digest.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace firmsign::crypto {
namespace {

// tables[k][b] is the register after byte b and k zero bytes.
template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
consteval Tables<Word> MakeTables(Word polynomial) {
  Tables<Word> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    Word word = byte;
    for (int bit = 0; bit < 8; ++bit) word = (word >> 1) ^ ((word & 1) != 0 ? polynomial : Word{0});
    tables[0][byte] = word;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables<std::uint32_t> kCrc32Tables = MakeTables(kCrc32Polynomial);
constexpr Tables<std::uint32_t> kCrc32cTables = MakeTables(kCrc32cPolynomial);
constexpr Tables<std::uint64_t> kCrc64NvmeTables = MakeTables(kCrc64NvmePolynomial);

std::uint64_t LoadLittleEndian64(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

template <class Word>
Word Sliced(const Tables<Word>& tables, Word crc, std::string_view bytes) {
  while (bytes.size() >= 8) {
    const std::uint64_t word = LoadLittleEndian64(bytes.data()) ^ crc;
    crc = tables[7][word & 0xff] ^ tables[6][(word >> 8) & 0xff] ^ tables[5][(word >> 16) & 0xff] ^
          tables[4][(word >> 24) & 0xff] ^ tables[3][(word >> 32) & 0xff] ^ tables[2][(word >> 40) & 0xff] ^
          tables[1][(word >> 48) & 0xff] ^ tables[0][word >> 56];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t Crc32cByInstruction(std::uint32_t crc, std::string_view bytes) {
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    wide = _mm_crc32_u64(wide, LoadLittleEndian64(bytes.data()));
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const char byte : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(byte));
  return narrow;
}
#endif

}  // namespace

std::uint32_t Crc32(std::string_view bytes, std::uint32_t previous) { return ~Sliced(kCrc32Tables, ~previous, bytes); }

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t previous) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~Crc32cByInstruction(~previous, bytes);
#endif
  return ~Sliced(kCrc32cTables, ~previous, bytes);
}

std::uint64_t Crc64Nvme(std::string_view bytes, std::uint64_t previous) {
  return ~Sliced(kCrc64NvmeTables, ~previous, bytes);
}

}  // namespace firmsign::crypto
