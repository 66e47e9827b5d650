// SPDX-License-Identifier: Apache-2.0
//
// The records of a zip archive (APPNOTE 6.3.9 §4.3) as bytes, for the other files of this folder. Nobody else includes
// this. Numbers are little-endian.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace firmsign::zip {

inline constexpr std::uint32_t kLocalMagic = 0x04034b50;
inline constexpr std::uint32_t kDescriptorMagic = 0x08074b50;
inline constexpr std::uint32_t kRecordMagic = 0x02014b50;
inline constexpr std::uint32_t kEndMagic = 0x06054b50;
inline constexpr std::uint32_t kZip64EndMagic = 0x06064b50;
inline constexpr std::uint32_t kZip64LocatorMagic = 0x07064b50;

inline constexpr std::size_t kLocalBytes = 30;   // without name and extra field
inline constexpr std::size_t kRecordBytes = 46;  // without name, extra field and comment
inline constexpr std::size_t kEndBytes = 22;     // without comment
inline constexpr std::size_t kZip64EndBytes = 56;
inline constexpr std::size_t kZip64LocatorBytes = 20;
inline constexpr std::size_t kCommentBytesMax = 65'535;

inline constexpr std::uint16_t kFlagEncrypted = 1U << 0;
inline constexpr std::uint16_t kFlagDescriptor = 1U << 3;  // CRC and sizes follow the body
inline constexpr std::uint16_t kFlagUtf8 = 1U << 11;
inline constexpr std::uint16_t kFlagsRefused =
    1U << 5 | 1U << 6 | 1U << 13;  // patches, strong encryption, masked headers

inline constexpr std::uint16_t kStored = 0;
inline constexpr std::uint16_t kDeflated = 8;

inline constexpr std::uint32_t kInZip64 = 0xffffffff;  // stands for a number that lies in the zip64 extra field
inline constexpr std::uint16_t kExtraZip64 = 0x0001;
inline constexpr std::uint16_t kExtraUnicodePath = 0x7075;

constexpr std::uint64_t NumberAt(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t number = 0;
  for (std::size_t i = width; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}
constexpr std::uint16_t U16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(NumberAt(bytes, at, 2));
}
constexpr std::uint32_t U32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(NumberAt(bytes, at, 4));
}

inline void Put(std::string& out, std::uint64_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<char>(number >> (8 * i) & 0xff));
}

// What a local header and a record of the directory both begin with, after their magic (and who made it, in the
// record).
struct Header {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed_bytes = 0;
  std::uint32_t body_bytes = 0;
  std::uint16_t name_bytes = 0;
  std::uint16_t extra_bytes = 0;

  bool has_descriptor() const { return (flags & kFlagDescriptor) != 0; }
};

// `at` is where "version needed to extract" lies.
constexpr Header HeaderAt(std::string_view bytes, std::size_t at) {
  return {.flags = U16(bytes, at + 2),
          .method = U16(bytes, at + 4),
          .crc = U32(bytes, at + 10),
          .packed_bytes = U32(bytes, at + 14),
          .body_bytes = U32(bytes, at + 18),
          .name_bytes = U16(bytes, at + 22),
          .extra_bytes = U16(bytes, at + 24)};
}

}  // namespace firmsign::zip
