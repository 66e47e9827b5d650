// SPDX-License-Identifier: Apache-2.0
//
// Undoes chunked transfer coding (RFC 9112 §7.1), one byte after the other, so that splits cannot matter.
//
//   chunk   = 1 to 16 hexadecimal digits, optionally ';' and extensions, CR LF, that many bytes, CR LF
//   body    = chunks, one of size 0 without bytes and their CR LF, trailer fields each with CR LF, CR LF
//
// Extensions and trailer fields are checked and dropped. Stricter than the RFC in that no blank may stand before ';'.
// Not Boost.Beast's: in 1.81 its decoder fails an assertion when the last chunk's first CR LF ends a packet
// (`BOOST_ASSERT(n >= 5)` in parse_chunk_header), and it notices broken framing only when later bytes arrive.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace firmsign::http {

// Takes pieces of a body as they come out of the framing.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  // Returns how many bytes of `piece` were taken, from its start; fewer than all when there is no more room.
  virtual std::size_t Take(std::string_view piece) = 0;
};

// The decoder of one body. Thread safety: confined.
class ChunkDecoder {
 public:
  enum class State {
    kSizeFirst,   // the first digit of a size
    kSize,        // more digits, ';' or CR
    kExtension,   // up to CR
    kSizeLf,      // the LF behind them
    kData,        // bytes of the body
    kDataCr,      // CR and
    kDataLf,      // LF behind the bytes
    kFieldFirst,  // the start of a trailer field, or the CR of the last line
    kFieldName,   // up to ':'
    kFieldValue,  // up to CR
    kFieldLf,
    kLastLf,
    kDone,
    kMalformed,
  };

  // Limits of the trailer; a line of a size with its extensions has at most kSizeLineBytesMax.
  ChunkDecoder(std::size_t trailer_bytes_max, std::size_t trailer_fields_max)
      : trailer_bytes_max_(trailer_bytes_max), trailer_fields_max_(trailer_fields_max) {}

  static constexpr std::size_t kSizeLineBytesMax = 1024;

  // Returns how many of `bytes` are done with: all, or those up to the end of the body, an error, or a full sink.
  std::size_t Decode(std::string_view bytes, ChunkSink& sink);
  State state() const { return state_; }

 private:
  State OnSize(char c);
  State OnSizeLine(char c);
  State OnTrailer(char c);

  const std::size_t trailer_bytes_max_;
  const std::size_t trailer_fields_max_;
  State state_ = State::kSizeFirst;
  std::uint64_t left_ = 0;      // of the chunk
  std::size_t line_bytes_ = 0;  // of the line of a size
  std::size_t digits_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailer_fields_ = 0;
};

}  // namespace firmsign::http
