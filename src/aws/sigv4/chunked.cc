// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/chunked.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "platform/crypto/digest.h"

namespace firmsign::sigv4 {
namespace {

constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::size_t kLineBytesMax = 4096;
constexpr std::size_t kTrailersMax = 16;
// An unsigned chunk is not buffered; this only keeps sums far from overflow. S3's largest object has 5 TiB.
constexpr std::uint64_t kUnsignedChunkBytesMax = std::uint64_t{1} << 43;

bool IsSignature(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::string JoinLines(std::initializer_list<std::string_view> lines) {
  std::string out;
  for (const auto line : lines) out.append(line).append(1, '\n');
  out.pop_back();
  return out;
}

}  // namespace

ChunkedDecoder::ChunkedDecoder(ChunkedOptions options)
    : options_(std::move(options)), previous_signature_(options_.seed_signature) {}

Expected<void> ChunkedDecoder::Feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (auto advanced = Advance(bytes, out); !advanced) {
      state_ = State::kFailed;
      return advanced;
    }
  }
  return {};
}

Expected<void> ChunkedDecoder::Advance(std::string_view& bytes, std::string& out) {
  switch (state_) {
    case State::kDone: return Fail(Code::kInvalid, "aws-chunked: bytes after the end");
    case State::kFailed: return Fail(Code::kInvalid, "aws-chunked: bytes after an error");
    case State::kData: return TakeData(bytes, out);
    case State::kHeader:
    case State::kDataEnd:
    case State::kTrailer: break;
  }
  ASSIGN_OR_RETURN(const bool complete, TakeLine(bytes));
  if (!complete) return {};
  auto done = OnLine();
  line_.clear();
  return done;
}

// Moves bytes into line_ up to CRLF, which is taken but not kept. False: the line goes on in the next bytes.
Expected<bool> ChunkedDecoder::TakeLine(std::string_view& bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    if (line_.size() + piece.size() > kLineBytesMax) return Fail(Code::kInvalid, "aws-chunked: a line is too long");
    line_ += piece;
    bytes.remove_prefix(piece.size());
    if (line_.ends_with("\r\n")) {
      line_.resize(line_.size() - 2);
      return true;
    }
    // AWS's description ends trailers with \n\r\n; nowhere else is a bare line feed right.
    if (line_.ends_with('\n') && state_ != State::kTrailer) {
      return Fail(Code::kInvalid, "aws-chunked: a line does not end with CRLF");
    }
  }
  return false;
}

Expected<void> ChunkedDecoder::OnLine() {
  if (state_ == State::kHeader) return OnHeaderLine(line_);
  if (state_ == State::kTrailer) return line_.empty() ? OnTrailerEnd() : OnTrailerLine(line_);
  if (!line_.empty()) return Fail(Code::kInvalid, "aws-chunked: a chunk is longer than it says");
  state_ = is_last_chunk_ ? State::kDone : State::kHeader;
  return {};
}

Expected<void> ChunkedDecoder::OnHeaderLine(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error != std::errc()) return Fail(Code::kInvalid, "aws-chunked: a chunk does not begin with its length");
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (options_.signed_chunks) {
    if (!line.starts_with(';') || !line.substr(1).starts_with(kChunkSignature) ||
        !IsSignature(line.substr(1 + kChunkSignature.size()))) {
      return Fail(Code::kInvalid, "aws-chunked: a chunk has no chunk-signature");
    }
    chunk_signature_ = line.substr(1 + kChunkSignature.size());
  } else if (!line.empty()) {
    return Fail(Code::kInvalid, "aws-chunked: unexpected text after a chunk's length");
  }
  if (size > (options_.signed_chunks ? kChunkBytesMax : kUnsignedChunkBytesMax)) {
    return Fail(Code::kInvalid, "aws-chunked: a chunk is too large");
  }
  chunk_left_ = size;
  if (size > 0) {
    state_ = State::kData;
    return {};
  }
  RETURN_IF_ERROR(CheckChunk({}));
  is_last_chunk_ = true;
  state_ = options_.has_trailer ? State::kTrailer : State::kDataEnd;
  return {};
}

Expected<void> ChunkedDecoder::TakeData(std::string_view& bytes, std::string& out) {
  const auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, bytes.size())));
  bytes.remove_prefix(piece.size());
  chunk_left_ -= piece.size();
  if (!options_.signed_chunks) {
    out += piece;
    decoded_bytes_ += piece.size();
  } else if (chunk_left_ == 0) {
    // A chunk that came in one piece is checked where it lies.
    if (!chunk_.empty()) chunk_ += piece;
    const std::string_view data = chunk_.empty() ? piece : std::string_view(chunk_);
    RETURN_IF_ERROR(CheckChunk(data));
    out += data;
    decoded_bytes_ += data.size();
    chunk_.clear();
  } else {
    chunk_ += piece;
  }
  if (chunk_left_ == 0) state_ = State::kDataEnd;
  return {};
}

Expected<void> ChunkedDecoder::OnTrailerLine(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return Fail(Code::kInvalid, "aws-chunked: a trailer has no colon");
  auto name = ToLower(line.substr(0, colon));
  const auto value = TrimBlanks(line.substr(colon + 1));
  if (!IsToken(name) || value.find_first_of("\r\n") != std::string_view::npos) {
    return Fail(Code::kInvalid, "aws-chunked: a trailer is malformed");
  }
  if (!trailer_signature_.empty()) return Fail(Code::kInvalid, "aws-chunked: the trailer signature is not the last");
  if (name == kTrailerSignature) {
    if (!options_.signed_chunks || !IsSignature(value)) {
      return Fail(Code::kInvalid, "aws-chunked: unexpected or malformed trailer signature");
    }
    trailer_signature_ = value;
    return {};
  }
  if (trailers_.size() == kTrailersMax) return Fail(Code::kInvalid, "aws-chunked: too many trailers");
  trailers_.emplace_back(std::move(name), value);
  return {};
}

Expected<void> ChunkedDecoder::OnTrailerEnd() {
  if (options_.signed_chunks) RETURN_IF_ERROR(CheckTrailer());
  state_ = State::kDone;
  return {};
}

Expected<void> ChunkedDecoder::CheckChunk(std::string_view data) {
  if (!options_.signed_chunks) return {};
  const auto text = JoinLines({"AWS4-HMAC-SHA256-PAYLOAD", options_.amz_date, options_.scope, previous_signature_,
                               kEmptySha256, data.empty() ? std::string(kEmptySha256) : crypto::Sha256Hex(data)});
  if (!ConstantTimeEquals(Sign(options_.signing_key, text), chunk_signature_)) {
    return Fail(Code::kDenied, "aws-chunked: a chunk's signature does not match");
  }
  previous_signature_ = chunk_signature_;
  return {};
}

Expected<void> ChunkedDecoder::CheckTrailer() {
  if (trailer_signature_.empty()) return Fail(Code::kInvalid, "aws-chunked: the trailer signature is missing");
  std::string lines;
  for (const auto& [name, value] : trailers_) lines.append(name).append(1, ':').append(value).append(1, '\n');
  const auto text = JoinLines(
      {"AWS4-HMAC-SHA256-TRAILER", options_.amz_date, options_.scope, previous_signature_, crypto::Sha256Hex(lines)});
  if (!ConstantTimeEquals(Sign(options_.signing_key, text), trailer_signature_)) {
    return Fail(Code::kDenied, "aws-chunked: the trailer's signature does not match");
  }
  return {};
}

}  // namespace firmsign::sigv4
