// SPDX-License-Identifier: Apache-2.0
//
// How a response leaves (see connection.h).
//
// Files are sent by reading and writing pieces of 256 KiB. What lies in the page cache is read on the I/O thread
// (preadv2 with RWF_NOWAIT never waits for a disk), anything else on a small pool of threads. sendfile would save a
// copy for plain TCP, but it waits for the disk, which would hold up every other connection of the thread, and it does
// nothing for TLS.

#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>

#include "platform/http/connection.h"
#include "platform/http/response_head.h"

namespace firmsign::http {
namespace {

constexpr std::size_t kFilePieceBytes = 256 * 1024;
constexpr std::size_t kInlineBytesMax =
    16 * 1024;  // a body up to this is copied behind its head: one write, one record

// -1 with EAGAIN when the disk would have to be asked, with another error where the file system cannot tell.
ssize_t ReadFromCache(const files::File& file, std::uint64_t offset, std::span<char> out) {
  iovec part{out.data(), out.size()};
  return ::preadv2(file.descriptor(), &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
}

}  // namespace

Awaitable<bool> Connection::Send(const Response& response, bool is_last) {
  bool keeps = keep_alive_ && !is_last && !response.close && !is_stopping();
  std::optional<std::uint64_t> length;
  if (!IsBodyless(response.status)) length = BodyLength(response.body);
  if ((is_head_method_ || response.status == 304) && response.content_length) length = response.content_length;
  std::string_view connection = keeps ? (is_http10_ ? "keep-alive" : "") : "close";
  output_.clear();
  AppendResponseHead(response, io_.date.At(std::time(nullptr)), length, connection, output_);

  StartPace(Pace::kWriting);
  bool is_sent = false;
  const auto* text = std::get_if<std::string>(&response.body);
  if (is_head_method_ || IsBodyless(response.status)) {
    is_sent = co_await transport_->Write(output_, std::string_view());
  } else if (text == nullptr) {
    is_sent = co_await SendFiles(std::get<std::vector<FileRange>>(response.body));
  } else if (text->size() <= kInlineBytesMax) {
    output_.append(*text);
    is_sent = co_await transport_->Write(output_, std::string_view());
  } else {
    is_sent = co_await transport_->Write(output_, *text);
  }
  StartPace(Pace::kNone);
  if (!is_sent) transport_->Close();  // the client must not take a torn response for a whole one
  co_return is_sent&& keeps;
}

Awaitable<bool> Connection::SendFiles(const std::vector<FileRange>& ranges) {
  std::uint64_t total = 0;
  for (const FileRange& range : ranges) total += range.length;
  std::size_t piece_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(total, kFilePieceBytes));
  auto piece = std::make_unique_for_overwrite<char[]>(piece_bytes);
  std::string_view head = output_;
  for (const FileRange& range : ranges) {
    std::uint64_t done = 0;
    while (done < range.length) {
      std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(range.length - done, piece_bytes));
      std::size_t count = co_await ReadFile(range, range.offset + done, std::span<char>(piece.get(), wanted));
      if (count == 0) co_return false;
      bool is_sent = co_await transport_->Write(head, std::string_view(piece.get(), count));
      if (!is_sent) co_return false;
      head = {};
      done += count;
      // A fast client on a fast network would else keep the thread to itself.
      co_await asio::post(io_.context, kAwait);
    }
  }
  co_return co_await transport_->Write(head, std::string_view());
}

Awaitable<std::size_t> Connection::ReadFile(const FileRange& range, std::uint64_t offset, std::span<char> out) {
  ssize_t count = ReadFromCache(*range.file, offset, out);
  if (count > 0) {
    range.file->DecodeAt(offset, out.first(static_cast<std::size_t>(count)));
    co_return static_cast<std::size_t>(count);
  }
  file_read_.file = range.file.get();
  file_read_.offset = offset;
  file_read_.out = out;
  bool was_run = co_await RunOn(server_.files, &Connection::ReadFileOnPool);
  co_return was_run ? file_read_.count : 0;
}

void Connection::ReadFileOnPool() {
  auto count = file_read_.file->ReadAt(file_read_.offset, file_read_.out);
  file_read_.count = count ? *count : 0;
}

}  // namespace firmsign::http
