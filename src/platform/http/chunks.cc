// SPDX-License-Identifier: Apache-2.0

#include "platform/http/chunks.h"

#include <algorithm>

#include "platform/http/characters.h"

namespace firmsign::http {
namespace {

// What may stand in an extension or a field's value: text, blanks, and bytes outside ASCII.
bool IsText(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkDecoder::Decode(std::string_view bytes, ChunkSink& sink) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kDone && state_ != State::kMalformed) {
    if (state_ == State::kData) {
      std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
      std::size_t taken = sink.Take(bytes.substr(at, wanted));
      at += taken;
      left_ -= taken;
      if (left_ == 0) state_ = State::kDataCr;
      if (taken < wanted) return at;
      continue;
    }
    char c = bytes[at++];
    switch (state_) {
      case State::kSizeFirst:
      case State::kSize: state_ = OnSize(c); break;
      case State::kExtension:
      case State::kSizeLf: state_ = OnSizeLine(c); break;
      case State::kDataCr: state_ = c == '\r' ? State::kDataLf : State::kMalformed; break;
      case State::kDataLf: state_ = c == '\n' ? State::kSizeFirst : State::kMalformed; break;
      default: state_ = OnTrailer(c); break;
    }
  }
  return at;
}

ChunkDecoder::State ChunkDecoder::OnSize(char c) {
  if (state_ == State::kSizeFirst) {
    left_ = 0;
    digits_ = 0;
    line_bytes_ = 0;
  }
  ++line_bytes_;
  if (int digit = HexDigit(c); digit >= 0) {
    if (++digits_ > 16) return State::kMalformed;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return State::kSize;
  }
  if (digits_ == 0) return State::kMalformed;
  if (c == ';') return State::kExtension;
  return c == '\r' ? State::kSizeLf : State::kMalformed;
}

ChunkDecoder::State ChunkDecoder::OnSizeLine(char c) {
  if (state_ == State::kSizeLf) {
    if (c != '\n') return State::kMalformed;
    return left_ > 0 ? State::kData : State::kFieldFirst;
  }
  if (++line_bytes_ > kSizeLineBytesMax) return State::kMalformed;
  if (c == '\r') return State::kSizeLf;
  return IsText(c) ? State::kExtension : State::kMalformed;
}

ChunkDecoder::State ChunkDecoder::OnTrailer(char c) {
  if (++trailer_bytes_ > trailer_bytes_max_) return State::kMalformed;
  switch (state_) {
    case State::kFieldFirst:
      if (c == '\r') return State::kLastLf;
      if (++trailer_fields_ > trailer_fields_max_) return State::kMalformed;
      return IsTokenChar(c) ? State::kFieldName : State::kMalformed;
    case State::kFieldName:
      if (c == ':') return State::kFieldValue;
      return IsTokenChar(c) ? State::kFieldName : State::kMalformed;
    case State::kFieldValue:
      if (c == '\r') return State::kFieldLf;
      return IsText(c) ? State::kFieldValue : State::kMalformed;
    case State::kFieldLf: return c == '\n' ? State::kFieldFirst : State::kMalformed;
    case State::kLastLf: return c == '\n' ? State::kDone : State::kMalformed;
    default: return State::kMalformed;
  }
}

}  // namespace firmsign::http
