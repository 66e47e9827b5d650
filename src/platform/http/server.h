// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 server (RFC 9112) for plain TCP, TLS 1.2 and 1.3, and Unix sockets.
//
// Sockets are asynchronous in here; everything that is handed over runs on ordinary threads and may block. Parsing is
// Boost.Beast's, driven by our own read loop, and stricter: a request is refused with 400 when it has no Host or two, a
// folded header line, two Content-Lengths, a Transfer-Encoding other than exactly `chunked`, bytes outside ASCII in its
// target, or more headers than the limit. What happens with a request is decided by a Handler (gateway/pipeline.h).

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/error.h"
#include "platform/http/message.h"

namespace firmsign::http {

// Runs once, on a thread that may block, when the whole body is in memory.
using BufferedRun = std::function<Response(std::string body)>;
// Runs once, on a thread of the streaming lane, right after the head.
using StreamingRun = std::function<Response(BodyReader& body)>;

// What to do with a request whose head has arrived.
struct Refuse {
  Response response;  // sent at once; the connection is closed if the request has a body
};
struct Buffer {
  std::uint64_t body_bytes_max = 0;  // a longer body is answered by `too_large`
  BufferedRun run;
  std::function<Response()> too_large;
  std::function<Response()> busy;  // when the bodies of all connections take too much memory
};
struct Stream {
  StreamingRun run;
  std::function<Response()> busy;  // when the streaming lane is full
};
using Decision = std::variant<Refuse, Buffer, Stream>;

// Thread safety: safe; called from several I/O threads. Must be quick: it runs on the thread that serves the sockets.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Decision OnHead(RequestHead&& head) = 0;
};

struct ServerOptions {
  std::size_t io_threads = 1;
  std::size_t pool_threads = 128;  // run BufferedRuns; they mostly wait for grouped commits
  std::size_t streams_max = 32;    // requests in the streaming lane at once; each takes a thread while it runs
  std::size_t connections_max = 4096;
  std::uint32_t head_bytes_max = 32 * 1024;
  std::size_t headers_max = 100;
  std::chrono::seconds head_seconds_max{10};         // from the first byte of a request to the end of its head
  std::chrono::seconds idle_seconds_max{75};         // between requests on one connection
  std::chrono::seconds body_seconds_max{30};         // for a buffered body
  std::uint64_t buffered_bytes_max = 256 << 20;      // of bodies in memory, of all connections together
  std::uint64_t stream_bytes_per_second_min = 1024;  // averaged over the next, in both directions
  std::chrono::seconds stream_rate_seconds{20};
  std::chrono::seconds drain_seconds_max{30};  // how long Stop waits for requests in flight
};

struct TlsFiles {
  std::string certificate_chain;  // path of a PEM file, leaf first
  std::string private_key;        // path of a PEM file, unencrypted
};

// Thread safety: safe.
class Server {
 public:
  // `handler` outlives the server.
  static Expected<std::unique_ptr<Server>> Make(const ServerOptions& options, Handler& handler);

  virtual ~Server() = default;

  // Listens on host:port (port 0: any free one) and returns the port. `handler` replaces the server's own for this
  // listener when given (the admin listener). kInvalid: not an address. kUnavailable: in use, or not allowed.
  virtual Expected<std::uint16_t> Listen(const std::string& host, std::uint16_t port, const TlsFiles* tls = nullptr,
                                         Handler* handler = nullptr) = 0;
  // Listens on a Unix socket, made with mode 0600; a left-over socket file is replaced.
  virtual Expected<void> ListenUnix(const std::string& path, Handler* handler = nullptr) = 0;

  // Stops accepting, lets requests in flight end (at most drain_seconds_max), closes everything, ends its threads.
  // Idempotent.
  virtual void Stop() = 0;

  // Requests whose handling has begun and not ended, for /metrics.
  virtual std::size_t RequestsInFlight() const = 0;
};

}  // namespace firmsign::http
