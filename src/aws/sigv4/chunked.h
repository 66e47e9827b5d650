// SPDX-License-Identifier: Apache-2.0
//
// aws-chunked: the framing inside the body of streaming S3 uploads, with or without chunk signatures and trailers.
//
// Wire form (contract 08-s3 §8.4): `hexlen[;chunk-signature=64hex]\r\n data \r\n` … `0[;chunk-signature=…]\r\n`, then
// for trailers `name:value\r\n`… [`x-amz-trailer-signature:64hex\r\n`], then `\r\n`. The data of one chunk is handed
// out only after its signature was checked when `signed_chunks`, so such a chunk is buffered whole; kChunkBytesMax
// bounds it. Unsigned data is handed out as it comes.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/sigv4/sigv4.h"
#include "base/error.h"

namespace firmsign::sigv4 {

inline constexpr std::size_t kChunkBytesMax = 16 * 1024 * 1024;

struct ChunkedOptions {
  bool signed_chunks = false;
  bool has_trailer = false;
  // For signed chunks and trailers.
  SecretBytes signing_key;
  std::string amz_date;
  std::string scope;
  std::string seed_signature;
};

// A push decoder. Thread safety: confined.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(ChunkedOptions options);

  // Takes the next encoded bytes and appends decoded data to `out`.
  // kInvalid: broken framing, or too large a chunk. kDenied: a signature does not match.
  Expected<void> Feed(std::string_view bytes, std::string& out);
  // True after the last chunk, trailer and final line; Feed refuses further bytes.
  bool finished() const { return state_ == State::kDone; }
  std::uint64_t decoded_bytes() const { return decoded_bytes_; }
  // Lower-case names, in order; without the trailer signature.
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { kHeader, kData, kDataEnd, kTrailer, kDone, kFailed };
  Expected<void> Advance(std::string_view& bytes, std::string& out);
  Expected<bool> TakeLine(std::string_view& bytes);
  Expected<void> TakeData(std::string_view& bytes, std::string& out);
  Expected<void> OnLine();
  Expected<void> OnHeaderLine(std::string_view line);
  Expected<void> OnTrailerLine(std::string_view line);
  Expected<void> OnTrailerEnd();
  Expected<void> CheckChunk(std::string_view data);
  Expected<void> CheckTrailer();

  ChunkedOptions options_;
  State state_ = State::kHeader;
  std::string line_;
  std::string chunk_;
  std::string chunk_signature_;
  std::string previous_signature_;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t decoded_bytes_ = 0;
  std::vector<std::pair<std::string, std::string>> trailers_;
  std::string trailer_signature_;
  bool is_last_chunk_ = false;
};

}  // namespace firmsign::sigv4
