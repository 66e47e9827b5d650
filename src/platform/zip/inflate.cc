// SPDX-License-Identifier: Apache-2.0

#include "platform/zip/inflate.h"

#include <zlib.h>

#include <array>

#include "base/check.h"

namespace firmsign::zip {

struct Inflater::State {
  z_stream stream{};
  std::array<char, 64 * 1024> out;
};

std::uint32_t Crc32(std::string_view bytes, std::uint32_t previous) {
  return static_cast<std::uint32_t>(
      crc32_z(previous, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<z_size_t>(bytes.size())));
}

Inflater::Inflater() : state_(std::make_unique<State>()) {
  CHECK(inflateInit2(&state_->stream, -MAX_WBITS) == Z_OK);  // negative: no zlib head
}

Inflater::~Inflater() { inflateEnd(&state_->stream); }

void Inflater::Reset() {
  CHECK(inflateReset(&state_->stream) == Z_OK);
  inflated_ = 0;
  is_finished_ = false;
}

Expected<void> Inflater::Write(std::string_view piece, std::uint64_t bytes_max, const Sink& sink) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream.avail_in = static_cast<uInt>(piece.size());
  do {
    if (is_finished_) return Fail(Code::kInvalid, "there are bytes after the end of the deflated body");
    stream.next_out = reinterpret_cast<Bytef*>(state_->out.data());
    stream.avail_out = static_cast<uInt>(state_->out.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return Fail(Code::kInvalid, "the body is no deflated data");
    }
    is_finished_ = result == Z_STREAM_END;
    const std::size_t count = state_->out.size() - stream.avail_out;
    inflated_ += count;
    if (inflated_ > bytes_max) return Fail(Code::kInvalid, "the body is longer than stated");
    if (count != 0) RETURN_IF_ERROR(sink(std::string_view(state_->out.data(), count)));
    // More input, or output that did not fit. Z_BUF_ERROR without input is how zlib says that there is neither.
    if (stream.avail_in == 0 && (stream.avail_out != 0 || is_finished_)) break;
  } while (true);
  return {};
}

}  // namespace firmsign::zip
