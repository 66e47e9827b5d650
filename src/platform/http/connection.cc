// SPDX-License-Identifier: Apache-2.0

#include "platform/http/connection.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace firmsign::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kInputBytes = 16 * 1024;
constexpr std::size_t kPipeBytes = 1024 * 1024;
constexpr std::uint64_t kRefusedBytesMax = 64 * 1024;   // read and forgotten after a refusal
constexpr std::uint64_t kUnreadBytesMax = 1024 * 1024;  // read and forgotten after a handler that left some
constexpr auto kLingerMax = 2s;
constexpr auto kGoodbyeMax = 500ms;  // for the client's close_notify; few clients send one

Response Plain(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", "text/plain");
  response.body = std::string(text);
  response.close = true;
  return response;
}

// Counts a request as in flight for as long as it exists.
class InFlight {
 public:
  explicit InFlight(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { --count_; }

 private:
  std::atomic<std::size_t>& count_;
};

}  // namespace

Connection::Connection(ServerState& server, IoThread& io, Handler& handler, std::unique_ptr<Transport> transport,
                       Origin origin)
    : server_(server),
      io_(io),
      handler_(handler),
      transport_(std::move(transport)),
      origin_(std::move(origin)),
      input_(kInputBytes),
      parser_(HeadLimits{server.options.head_bytes_max, server.options.headers_max}) {
  server_.Enter();
  if (origin_.is_counted) ++server_.connections;
}

Connection::~Connection() {
  ReturnMemory();
  io_.connections.erase(this);
  transport_->Close();
  if (origin_.is_counted) --server_.connections;
  origin_.on_end();
  server_.Leave();
}

Awaitable<void> Connection::Serve(std::unique_ptr<Connection> connection) {
  connection->io_.connections.insert(connection.get());
  co_await connection->ServeAll();
}

Awaitable<void> Connection::ServeAll() {
  SetDeadline(server_.options.head_seconds_max);
  bool is_agreed = co_await transport_->Handshake();
  if (!is_agreed) co_return;
  for (;;) {
    bool goes_on = co_await ServeOne();
    if (!goes_on) break;
  }
  co_await Finish();
}

Awaitable<bool> Connection::ServeOne() {
  bool has_head = co_await ReadHead();
  if (!has_head) co_return false;
  InFlight in_flight(server_.in_flight);
  RequestHead& head = parser_.head().head;
  is_http10_ = parser_.head().is_http10;
  keep_alive_ = parser_.head().keep_alive;
  is_head_method_ = head.method == "HEAD";
  is_chunked_ = head.chunked;
  body_left_ = head.content_length.value_or(0);
  is_body_complete_ = !head.HasBody();
  awaits_continue_ = head.expects_continue;
  head.peer = origin_.peer;
  Decision decision = handler_.OnHead(std::move(head));
  bool goes_on = co_await Decide(std::move(decision));
  response_.reset();
  co_return goes_on;
}

Awaitable<bool> Connection::ReadHead() {
  parser_.Reset();
  is_idle_ = true;
  SetDeadline(server_.options.idle_seconds_max);
  for (;;) {
    if (!input_.empty()) {
      if (is_idle_) {
        is_idle_ = false;
        SetDeadline(server_.options.head_seconds_max);
      }
      RequestParser::Step step = parser_.ParseHead(input_.view());
      if (step.outcome == RequestParser::Outcome::kComplete) {
        input_.Consume(step.consumed);
        ClearDeadline();
        co_return true;
      }
      if (step.outcome != RequestParser::Outcome::kNeedMore) {
        keep_alive_ = is_head_method_ = false;
        linger_bytes_ = kRefusedBytesMax;
        bool is_long = step.outcome == RequestParser::Outcome::kTooLarge;
        Response refusal = is_long ? Plain(431, "The request's head is too long.\n") : Plain(400, "Bad request.\n");
        co_await Send(refusal);
        co_return false;
      }
    } else if (is_stopping()) {
      co_return false;
    }
    bool has_more = co_await FillInput(1);
    if (!has_more) co_return false;
  }
}

Awaitable<bool> Connection::Decide(Decision decision) {
  if (auto* buffer = std::get_if<Buffer>(&decision)) co_return co_await ServeBuffer(*buffer);
  if (auto* stream = std::get_if<Stream>(&decision)) co_return co_await ServeStream(*stream);
  linger_bytes_ = kRefusedBytesMax;
  co_return co_await Send(std::get<Refuse>(decision).response, HasUnreadBody() || awaits_continue_);
}

Awaitable<bool> Connection::ServeBuffer(Buffer& buffer) {
  BodyResult result = BodyResult::kComplete;
  if (body_left_ > buffer.body_bytes_max) {
    result = BodyResult::kTooLarge;
  } else if (HasUnreadBody() || awaits_continue_) {
    bool is_there = co_await SendContinue();
    if (!is_there) co_return false;
    SetDeadline(server_.options.body_seconds_max);
    if (HasUnreadBody()) result = co_await ReadBody(buffer.body_bytes_max, body_);
    ClearDeadline();
  }
  linger_bytes_ = kRefusedBytesMax;
  switch (result) {
    case BodyResult::kComplete: break;
    case BodyResult::kGone: co_return false;
    case BodyResult::kTooLarge: {
      body_.clear();
      Response too_large = buffer.too_large();
      co_return co_await Send(too_large, true);
    }
    case BodyResult::kNoMemory: {
      body_.clear();
      body_.shrink_to_fit();
      ReturnMemory();
      Response busy = buffer.busy();
      co_return co_await Send(busy, true);
    }
    case BodyResult::kMalformed: {
      Response malformed = Plain(400, "Bad request.\n");
      co_return co_await Send(malformed, true);
    }
  }
  buffered_run_ = std::move(buffer.run);
  bool was_run = co_await RunOn(server_.requests, &Connection::RunBuffered);
  buffered_run_ = nullptr;
  ReturnMemory();
  if (!was_run) co_return false;
  co_return co_await Send(*response_);
}

Awaitable<bool> Connection::ServeStream(Stream& stream) {
  std::size_t capacity = kPipeBytes;
  if (!is_chunked_ && body_left_ < capacity) capacity = static_cast<std::size_t>(body_left_);
  // Called on the streaming thread, before its last post to this connection, so the connection is still there.
  auto wake = [this] { asio::post(io_.context, [this] { Wake(); }); };
  pipe_ = std::make_shared<BodyPipe>(capacity, wake);
  streaming_run_ = std::move(stream.run);
  work_ = &Connection::RunStreaming;
  is_done_ = false;
  if (!server_.streams.SubmitIfFree(this)) {
    is_done_ = true;
    pipe_.reset();
    linger_bytes_ = kRefusedBytesMax;
    Response busy = stream.busy();
    co_return co_await Send(busy, HasUnreadBody() || awaits_continue_);
  }
  co_await FeedPipe();
  pipe_.reset();
  streaming_run_ = nullptr;
  if (!was_run_) co_return false;
  bool is_last = HasUnreadBody();
  // Without a 100 the client may never send the body, so there is nothing to wait for. What is known to be much more
  // than we would skip is not begun. The rest is skipped before the response: a client that only writes would else
  // never make room for it.
  if (is_last && !awaits_continue_ && (is_chunked_ || body_left_ <= kUnreadBytesMax)) {
    SetDeadline(server_.options.body_seconds_max);
    bool is_skipped = co_await SkipBody(kUnreadBytesMax);
    is_last = !is_skipped;
    ClearDeadline();
  }
  linger_bytes_ = kUnreadBytesMax;
  co_return co_await Send(*response_, is_last);
}

// After an answer to a request that was not read to its end, closing at once would make the kernel send a reset, and
// the client would lose the answer. So we say that we are done, and read a little more.
Awaitable<void> Connection::Finish() {
  is_idle_ = false;  // from here on a deadline closes at once
  SetDeadline(kLingerMax);
  bool lingers = linger_bytes_ > 0 && (HasUnreadBody() || !input_.empty());
  if (lingers && !transport_->is_tls()) co_await transport_->EndWriting();
  input_.Consume(input_.view().size());
  std::uint64_t skipped = 0;
  while (lingers && skipped < linger_bytes_) {
    std::size_t count = co_await ReadSocket(input_.Room(kInputBytes));
    if (count == 0) break;
    skipped += count;
  }
  if (!transport_->is_tls()) co_return;
  SetDeadline(kGoodbyeMax);
  co_await transport_->EndWriting();
}

// --- Work on a pool

Awaitable<bool> Connection::RunOn(Pool& pool, void (Connection::*work)()) {
  work_ = work;
  is_done_ = false;
  if (!pool.Submit(this)) {
    is_done_ = true;
    co_return false;
  }
  while (!is_done_) co_await Pause();
  co_return was_run_;
}

void Connection::Run() {
  (this->*work_)();
  PostDone(true);
}

void Connection::Cancel() { PostDone(false); }

// From any thread. The coroutine waits for this, so the connection is there when the I/O thread gets to it.
void Connection::PostDone(bool was_run) {
  asio::post(io_.context, [this, was_run] {
    is_done_ = true;
    was_run_ = was_run;
    if (is_feeding_) transport_->CancelRead();
    Wake();
  });
}

Awaitable<void> Connection::Pause() {
  if (!is_woken_) co_await Suspend();
  is_woken_ = false;
}

// Not a coroutine, so that the closure below is no temporary of a co_await expression.
Awaitable<void> Connection::Suspend() {
  auto keep = [this](auto&& handler) { resume_ = std::forward<decltype(handler)>(handler); };
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(keep), kAwait);
}

void Connection::Wake() {
  is_woken_ = true;
  if (auto resume = std::exchange(resume_, nullptr)) resume();
}

// --- Deadlines

void Connection::SetDeadline(std::chrono::steady_clock::duration from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

// The first sweep after this takes the time and the mark, so that a response that leaves at once costs neither.
void Connection::StartPace(Pace pace) {
  pace_ = pace;
  pace_start_.reset();
}

std::uint64_t Connection::PaceProgress() {
  return pace_ == Pace::kReading ? bytes_read_ : transport_->BytesDelivered();
}

void Connection::Sweep(SteadyTime now) {
  if (now >= deadline_) {
    ClearDeadline();
    if (is_idle_) {
      transport_->CancelRead();  // an orderly end
    } else {
      transport_->Close();
    }
    return;
  }
  if (pace_ == Pace::kNone) return;
  if (pace_start_) {
    if (now - *pace_start_ < server_.options.stream_rate_seconds) return;
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - *pace_start_).count();
    std::uint64_t wanted = server_.options.stream_bytes_per_second_min * static_cast<std::uint64_t>(seconds);
    if (PaceProgress() - pace_mark_ < wanted) {
      transport_->Close();
      pace_ = Pace::kNone;
      return;
    }
  }
  pace_start_ = now;
  pace_mark_ = PaceProgress();
}

void Connection::CloseIfIdle() {
  if (is_idle_) transport_->CancelRead();
}

void Connection::Abort() {
  ClearDeadline();
  transport_->Close();
  if (pipe_) pipe_->Fail(Error{.code = Code::kUnavailable, .message = "the server is stopping"});
}

}  // namespace firmsign::http
