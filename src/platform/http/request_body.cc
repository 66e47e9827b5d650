// SPDX-License-Identifier: Apache-2.0
//
// How the body of a request arrives (see connection.h).

#include <algorithm>
#include <utility>

#include "platform/http/connection.h"

namespace firmsign::http {
namespace {

constexpr std::size_t kReadBytesMax = 256 * 1024;  // for one receive; larger ones gain nothing
constexpr std::size_t kChunkedInputBytes = 64 * 1024;
constexpr std::size_t kFirstBodyBytes = 64 * 1024;  // memory is given as bytes come, not as they are promised

// A body in memory, up to a limit.
class StringSink final : public ChunkSink {
 public:
  StringSink(std::string& out, std::uint64_t bytes_max) : out_(out), bytes_max_(bytes_max) {}
  std::size_t Take(std::string_view piece) override {
    if (piece.size() > bytes_max_ - out_.size()) return 0;
    out_.append(piece);
    return piece.size();
  }

 private:
  std::string& out_;
  const std::uint64_t bytes_max_;
};

class NoSink final : public ChunkSink {
 public:
  std::size_t Take(std::string_view piece) override { return piece.size(); }
};

}  // namespace

Awaitable<std::size_t> Connection::ReadSocket(std::span<char> out) {
  std::size_t count = co_await transport_->Read(out);
  bytes_read_ += count;
  co_return count;
}

Awaitable<bool> Connection::FillInput(std::size_t room_min) {
  std::size_t count = co_await ReadSocket(input_.Room(room_min));
  input_.Commit(count);
  co_return count > 0;
}

// A client that has sent the beginning of its body already does not wait. One with an empty body does, as botocore:
// without the 100 it misreads the response to its next request on the connection.
Awaitable<bool> Connection::SendContinue() {
  if (!std::exchange(awaits_continue_, false) || (HasUnreadBody() && !input_.empty())) co_return true;
  StartPace(Pace::kWriting);
  bool is_there = co_await transport_->Write("HTTP/1.1 100 Continue\r\n\r\n", std::string_view());
  StartPace(Pace::kNone);
  co_return is_there;
}

Awaitable<Connection::BodyResult> Connection::ReadBody(std::uint64_t bytes_max, std::string& body) {
  body.clear();
  BodyResult result = BodyResult::kComplete;
  if (is_chunked_) {
    result = co_await ReadChunkedBody(bytes_max, body);
  } else {
    result = co_await ReadPlainBody(body);
  }
  is_body_complete_ = result == BodyResult::kComplete;
  co_return result;
}

bool Connection::TakeMemory(std::uint64_t bytes) {
  taken_bytes_ += bytes;
  return server_.buffered_bytes.fetch_add(bytes) + bytes <= server_.options.buffered_bytes_max;
}

void Connection::ReturnMemory() {
  if (taken_bytes_ > 0) server_.buffered_bytes.fetch_sub(std::exchange(taken_bytes_, 0));
}

Awaitable<Connection::BodyResult> Connection::ReadPlainBody(std::string& body) {
  std::size_t size = static_cast<std::size_t>(body_left_);
  std::size_t at_hand = std::min(size, input_.view().size());
  body.assign(input_.view().substr(0, at_hand));
  input_.Consume(at_hand);
  while (body.size() < size) {
    std::size_t filled = body.size();
    std::size_t room = std::min(size - filled, std::max(kFirstBodyBytes, filled));
    if (!TakeMemory(room)) co_return BodyResult::kNoMemory;
    body.resize_and_overwrite(filled + room, [](char*, std::size_t count) { return count; });
    std::size_t count = co_await ReadSocket(std::span<char>(body.data() + filled, room));
    body.resize(filled + count);
    if (count == 0) co_return BodyResult::kGone;
  }
  body_left_ = 0;
  co_return BodyResult::kComplete;
}

Awaitable<Connection::BodyResult> Connection::ReadChunkedBody(std::uint64_t bytes_max, std::string& body) {
  StringSink sink(body, bytes_max);
  for (;;) {
    RequestParser::Step step = parser_.ParseChunks(input_.view(), sink);
    input_.Consume(step.consumed);
    switch (step.outcome) {
      case RequestParser::Outcome::kComplete: co_return BodyResult::kComplete;
      case RequestParser::Outcome::kNoRoom: co_return BodyResult::kTooLarge;
      case RequestParser::Outcome::kNeedMore: break;
      default: co_return BodyResult::kMalformed;
    }
    bool has_more = co_await FillInput(kChunkedInputBytes);
    if (!has_more) co_return BodyResult::kGone;
    if (!TakeMemory(input_.view().size())) co_return BodyResult::kNoMemory;
  }
}

Awaitable<void> Connection::FeedPipe() {
  bool is_fed = false;  // nothing more to give: the body has ended, or failed
  if (!HasUnreadBody()) {
    pipe_->End();
    is_fed = true;
    co_await SendContinue();
  }
  if (!awaits_continue_ && !is_fed) StartPace(Pace::kReading);
  while (!is_done_) {
    if (is_fed || (awaits_continue_ && !pipe_->IsWanted())) {
      co_await Pause();
      continue;
    }
    if (awaits_continue_) {
      co_await SendContinue();
      StartPace(Pace::kReading);
    }
    std::span<char> room = pipe_->Room();
    if (room.empty()) {
      // The handler is behind: that is not the client's fault, so its clock stands still.
      auto since = std::chrono::steady_clock::now();
      Pace pace = std::exchange(pace_, Pace::kNone);
      co_await Pause();
      pace_ = pace;
      if (pace_start_) *pace_start_ += std::chrono::steady_clock::now() - since;
      continue;
    }
    bool goes_on = false;
    if (is_chunked_) {
      goes_on = co_await FeedChunked();
    } else {
      goes_on = co_await FeedPlain(room);
    }
    if (!goes_on && !is_done_) {
      is_fed = true;
      StartPace(Pace::kNone);
    }
  }
  StartPace(Pace::kNone);
}

// One step of each kind; false when the pipe gets nothing more. After the handler has returned, a Read that was
// cancelled for that reason looks like a client that left; the response will find out.
Awaitable<bool> Connection::FeedPlain(std::span<char> room) {
  room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>({room.size(), kReadBytesMax, body_left_})));
  std::size_t count = std::min(room.size(), input_.view().size());
  if (count > 0) {
    std::copy_n(input_.view().data(), count, room.data());
    input_.Consume(count);
  } else {
    is_feeding_ = true;
    count = co_await ReadSocket(room);
    is_feeding_ = false;
  }
  if (count == 0) {
    pipe_->Fail(Error{.code = Code::kUnavailable, .message = "the client left, or was too slow"});
    co_return false;
  }
  pipe_->Commit(count);
  body_left_ -= count;
  if (body_left_ > 0) co_return true;
  is_body_complete_ = true;
  pipe_->End();
  co_return false;
}

Awaitable<bool> Connection::FeedChunked() {
  RequestParser::Step step = parser_.ParseChunks(input_.view(), *pipe_);
  input_.Consume(step.consumed);
  if (step.outcome == RequestParser::Outcome::kNoRoom) co_return true;
  if (step.outcome == RequestParser::Outcome::kComplete) {
    is_body_complete_ = true;
    pipe_->End();
    co_return false;
  }
  if (step.outcome != RequestParser::Outcome::kNeedMore) {
    keep_alive_ = false;
    pipe_->Fail(Error{.code = Code::kInvalid, .message = "the body's chunked framing is broken"});
    co_return false;
  }
  is_feeding_ = true;
  bool has_more = co_await FillInput(kChunkedInputBytes);
  is_feeding_ = false;
  if (!has_more) pipe_->Fail(Error{.code = Code::kUnavailable, .message = "the client left, or was too slow"});
  co_return has_more;
}

Awaitable<bool> Connection::SkipBody(std::uint64_t bytes_max) {
  NoSink sink;
  std::uint64_t skipped = 0;
  while (HasUnreadBody() && skipped <= bytes_max) {
    std::size_t used = 0;
    if (is_chunked_) {
      RequestParser::Step step = parser_.ParseChunks(input_.view(), sink);
      used = step.consumed;
      is_body_complete_ = step.outcome == RequestParser::Outcome::kComplete;
      if (!is_body_complete_ && step.outcome != RequestParser::Outcome::kNeedMore) co_return false;
    } else {
      used = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, input_.view().size()));
      body_left_ -= used;
      is_body_complete_ = body_left_ == 0;
    }
    input_.Consume(used);
    skipped += used;
    if (is_body_complete_) break;
    bool has_more = co_await FillInput(kChunkedInputBytes);
    if (!has_more) co_return false;
  }
  co_return is_body_complete_;
}

}  // namespace firmsign::http
