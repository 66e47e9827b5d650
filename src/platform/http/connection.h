// SPDX-License-Identifier: Apache-2.0
//
// One client connection: the coroutine that reads its requests, has them handled, and writes the responses, in order.
//
// connection.cc has the life of a connection and of a request, request_body.cc how bodies arrive, response_body.cc how
// responses leave. Deadlines are plain members that the I/O thread's sweeper looks at a few times a second, so that
// setting one costs nothing.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "platform/http/asio.h"
#include "platform/http/body_pipe.h"
#include "platform/http/input_buffer.h"
#include "platform/http/parser.h"
#include "platform/http/pool.h"
#include "platform/http/server.h"
#include "platform/http/server_state.h"
#include "platform/http/transport.h"

namespace firmsign::http {

// Thread safety: confined to its I/O thread, but for Run and Cancel, which a pool calls while the coroutine waits.
class Connection final : private Task {
 public:
  struct Origin {
    Peer peer;
    bool is_counted = true;  // against connections_max
    std::function<void()> on_end;
  };

  Connection(ServerState& server, IoThread& io, Handler& handler, std::unique_ptr<Transport> transport, Origin origin);
  ~Connection() override;

  // Serves the client until either side ends. The coroutine owns the connection.
  static Awaitable<void> Serve(std::unique_ptr<Connection> connection);

  // Enforces deadlines and rates.
  void Sweep(SteadyTime now);
  // The server stops: ends now if no request has begun.
  void CloseIfIdle();
  // Ends now, whatever is going on. A handler that still runs is waited for.
  void Abort();

 private:
  enum class Pace { kNone, kReading, kWriting };
  enum class BodyResult { kComplete, kTooLarge, kNoMemory, kGone, kMalformed };

  // --- connection.cc
  Awaitable<void> ServeAll();
  // One request and its response. False when the connection ends with it.
  Awaitable<bool> ServeOne();
  Awaitable<bool> ReadHead();
  Awaitable<bool> Decide(Decision decision);
  Awaitable<bool> ServeBuffer(Buffer& buffer);
  Awaitable<bool> ServeStream(Stream& stream);
  Awaitable<void> Finish();
  bool HasUnreadBody() const { return !is_body_complete_; }
  bool is_stopping() const { return server_.is_stopping.load(std::memory_order_relaxed); }

  // Runs `work` on the pool and waits. False when the pool has stopped.
  Awaitable<bool> RunOn(Pool& pool, void (Connection::*work)());
  void Run() override;
  void Cancel() override;
  void PostDone(bool was_run);
  // Suspends the coroutine until Wake, which may come first.
  Awaitable<void> Pause();
  Awaitable<void> Suspend();
  void Wake();

  void SetDeadline(std::chrono::steady_clock::duration from_now);
  void ClearDeadline() { deadline_ = SteadyTime::max(); }
  void StartPace(Pace pace);
  std::uint64_t PaceProgress();

  // --- request_body.cc
  Awaitable<bool> SendContinue();
  Awaitable<BodyResult> ReadBody(std::uint64_t bytes_max, std::string& body);
  // False when all connections together would hold too much.
  bool TakeMemory(std::uint64_t bytes);
  void ReturnMemory();
  Awaitable<BodyResult> ReadPlainBody(std::string& body);
  Awaitable<BodyResult> ReadChunkedBody(std::uint64_t bytes_max, std::string& body);
  // Receives into the pipe until the body ends or the handler has returned.
  Awaitable<void> FeedPipe();
  Awaitable<bool> FeedPlain(std::span<char> room);
  Awaitable<bool> FeedChunked();
  // Reads and forgets at most `bytes_max` of the body. True when the body has ended.
  Awaitable<bool> SkipBody(std::uint64_t bytes_max);
  Awaitable<std::size_t> ReadSocket(std::span<char> out);
  Awaitable<bool> FillInput(std::size_t room_min);

  // --- response_body.cc
  // Sends it; true when the connection can take another request.
  Awaitable<bool> Send(const Response& response, bool is_last = false);
  Awaitable<bool> SendFiles(const std::vector<FileRange>& ranges);
  // At least one byte of the file; 0 when it is shorter than promised or cannot be read.
  Awaitable<std::size_t> ReadFile(const FileRange& range, std::uint64_t offset, std::span<char> out);
  void ReadFileOnPool();

  void RunBuffered() { response_ = buffered_run_(std::move(body_)); }
  void RunStreaming() { response_ = streaming_run_(*pipe_); }

  ServerState& server_;
  IoThread& io_;
  Handler& handler_;
  const std::unique_ptr<Transport> transport_;
  const Origin origin_;

  InputBuffer input_;
  RequestParser parser_;
  std::string output_;
  std::uint64_t bytes_read_ = 0;

  // The request being served.
  bool is_idle_ = true;  // no byte of it has come
  bool is_http10_ = false;
  bool keep_alive_ = false;
  bool is_head_method_ = false;
  bool is_chunked_ = false;
  bool awaits_continue_ = false;    // the client waits for 100 before it sends the body, even an empty one
  bool is_body_complete_ = true;    // all of it has been taken from the socket
  std::uint64_t body_left_ = 0;     // with a Content-Length
  std::uint64_t linger_bytes_ = 0;  // how much to read and forget before closing

  // Work on a pool.
  void (Connection::*work_)() = nullptr;
  bool is_done_ = true;
  bool was_run_ = false;
  BufferedRun buffered_run_;
  std::string body_;
  std::uint64_t taken_bytes_ = 0;  // of the memory for bodies, until the response is there
  StreamingRun streaming_run_;
  std::shared_ptr<BodyPipe> pipe_;
  bool is_feeding_ = false;  // a Read for the pipe is pending
  std::optional<Response> response_;
  struct FileRead {
    const files::File* file = nullptr;
    std::uint64_t offset = 0;
    std::span<char> out;
    std::size_t count = 0;
  } file_read_;

  std::move_only_function<void()> resume_;
  bool is_woken_ = false;

  SteadyTime deadline_ = SteadyTime::max();
  Pace pace_ = Pace::kNone;
  std::optional<SteadyTime> pace_start_;  // absent until the sweeper has seen this pace
  std::uint64_t pace_mark_ = 0;
};

}  // namespace firmsign::http
