// SPDX-License-Identifier: Apache-2.0
//
// The server: its threads, its listeners, and its end.
//
// Each I/O thread has an io_context of its own, and a connection stays on the thread it was given at accept, in turn;
// so connections need no locks. All accept loops run on the first thread.

#include "platform/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "base/thread_name.h"
#include "platform/http/connection.h"
#include "platform/http/listener.h"
#include "platform/http/server_state.h"
#include "platform/http/transport.h"

namespace firmsign::http {
namespace {

using namespace std::chrono_literals;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr auto kSweepEvery = 200ms;
constexpr auto kAcceptRetry = 100ms;

// Belongs to the first I/O thread.
struct Listener {
  Listener(IoThread& io, Handler& h) : acceptor(io.context), slot_free(io.context), handler(h) {}

  Acceptor acceptor;
  Timer slot_free;  // waited for without an end while the server is full; cancelled when a connection ends
  Handler& handler;
  std::unique_ptr<asio::ssl::context> tls;
  int family = 0;
  std::string unix_path;
};

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, Handler& handler) : state_(options), handler_(handler) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.io_threads, 1); ++i) {
      IoThread& io = io_threads_.emplace_back();
      guards_.push_back(asio::make_work_guard(io.context));
      StartSweep(io);
      io.thread = std::thread([&io] {
        NameThisThread("sockets");
        io.context.run();
      });
    }
  }

  ~AsioServer() override { Stop(); }

  Expected<std::uint16_t> Listen(const std::string& host, std::uint16_t port, const TlsFiles* tls,
                                 Handler* handler) override {
    auto listener = std::make_unique<Listener>(first(), handler ? *handler : handler_);
    if (tls != nullptr) {
      ASSIGN_OR_RETURN(listener->tls, MakeTlsContext(*tls));
    }
    ASSIGN_OR_RETURN(BoundSocket bound, BindTcp(host, port));
    RETURN_IF_ERROR(Start(std::move(listener), bound));
    return bound.port;
  }

  Expected<void> ListenUnix(const std::string& path, Handler* handler) override {
    auto listener = std::make_unique<Listener>(first(), handler ? *handler : handler_);
    ASSIGN_OR_RETURN(BoundSocket bound, BindUnix(path));
    listener->unix_path = path;
    return Start(std::move(listener), bound);
  }

  void Stop() override {
    std::call_once(stopped_, [this] { StopOnce(); });
  }

  std::size_t RequestsInFlight() const override { return state_.in_flight.load(std::memory_order_relaxed); }

 private:
  IoThread& first() { return io_threads_.front(); }

  Expected<void> Start(std::unique_ptr<Listener> listener, const BoundSocket& bound) {
    listener->family = bound.family;
    error_code ec;
    listener->acceptor.assign(asio::generic::stream_protocol(bound.family, 0), bound.descriptor, ec);
    if (ec) {
      ::close(bound.descriptor);
      return Fail(Code::kUnavailable, "cannot serve a listening socket: " + ec.message());
    }
    std::unique_lock lock(listen_mutex_);
    if (state_.is_stopping) return Fail(Code::kUnavailable, "the server has stopped");
    state_.Enter();
    // The listener lives in the list until the server is gone; the loop and the posts refer to it there.
    Listener* raw = listener.get();
    asio::post(first().context,
               [this, held = std::move(listener)]() mutable { listeners_.push_back(std::move(held)); });
    asio::co_spawn(first().context.get_executor(), AcceptLoop(*raw), asio::detached);
    return {};
  }

  Awaitable<void> AcceptLoop(Listener& listener) {
    const bool is_counted = listener.family != AF_UNIX;  // the operator's way in stays open when the server is full
    while (!state_.is_stopping) {
      if (is_counted && state_.connections >= state_.options.connections_max) {
        co_await Sleep(listener.slot_free, std::chrono::hours(1));
        continue;
      }
      IoThread& io = Next();
      error_code ec;
      Socket socket = co_await listener.acceptor.async_accept(io.context, asio::redirect_error(kAwait, ec));
      if (!ec) {
        Open(listener, io, std::move(socket), is_counted);
      } else if (ec != asio::error::operation_aborted && ec != asio::error::connection_aborted) {
        // Out of descriptors or memory: the client stays in the queue of the kernel until some are free.
        co_await Sleep(listener.slot_free, kAcceptRetry);
      }
    }
    // Here and not only in Stop's post, which need not have run when the last coroutine leaves.
    error_code ignored;
    listener.acceptor.close(ignored);
    if (!listener.unix_path.empty()) ::unlink(listener.unix_path.c_str());
    state_.Leave();
  }

  void Open(Listener& listener, IoThread& io, Socket socket, bool is_counted) {
    Connection::Origin origin;
    origin.is_counted = is_counted;
    origin.peer = DescribePeer(socket.native_handle(), listener.family);
    origin.peer.tls = listener.tls != nullptr;
    origin.on_end = [this, is_counted] {
      if (is_counted && state_.connections + 1 >= state_.options.connections_max) WakeListeners();
    };
    if (listener.family != AF_UNIX) {
      int on = 1;
      ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    auto transport = MakeTransport(std::move(socket), listener.tls.get());
    auto connection =
        std::make_unique<Connection>(state_, io, listener.handler, std::move(transport), std::move(origin));
    asio::co_spawn(io.context.get_executor(), Connection::Serve(std::move(connection)), asio::detached);
  }

  static Awaitable<void> Sleep(Timer& timer, std::chrono::steady_clock::duration time) {
    error_code ec;
    timer.expires_after(time);
    co_await timer.async_wait(asio::redirect_error(kAwait, ec));
  }

  IoThread& Next() {
    IoThread& io = *std::next(io_threads_.begin(), static_cast<std::ptrdiff_t>(next_));
    next_ = (next_ + 1) % io_threads_.size();
    return io;
  }

  void WakeListeners() {
    asio::post(first().context, [this] {
      for (auto& listener : listeners_) listener->slot_free.cancel();
    });
  }

  void StartSweep(IoThread& io) {
    io.sweep.expires_after(kSweepEvery);
    io.sweep.async_wait([this, &io](error_code ec) {
      if (ec) return;
      const SteadyTime now = std::chrono::steady_clock::now();
      for (Connection* connection : io.connections) connection->Sweep(now);
      StartSweep(io);
    });
  }

  void StopOnce() {
    {
      std::unique_lock lock(listen_mutex_);
      state_.is_stopping = true;
    }
    asio::post(first().context, [this] {
      for (auto& listener : listeners_) {
        error_code ec;
        listener->acceptor.close(ec);
        listener->slot_free.cancel();
      }
    });
    for (IoThread& io : io_threads_) {
      asio::post(io.context, [&io] {
        for (Connection* connection : io.connections) connection->CloseIfIdle();
      });
    }
    bool has_drained = false;
    {
      std::unique_lock lock(state_.mutex);
      has_drained =
          state_.all_left.wait_for(lock, state_.options.drain_seconds_max, [this] { return state_.coroutines == 0; });
    }
    if (!has_drained) {
      for (IoThread& io : io_threads_) {
        asio::post(io.context, [&io] {
          for (Connection* connection : io.connections) connection->Abort();
        });
      }
    }
    state_.requests.Stop();
    state_.streams.Stop();
    state_.files.Stop();
    {
      std::unique_lock lock(state_.mutex);
      state_.all_left.wait(lock, [this] { return state_.coroutines == 0; });
    }
    for (IoThread& io : io_threads_) io.context.stop();
    for (IoThread& io : io_threads_) io.thread.join();
  }

  ServerState state_;
  Handler& handler_;
  std::list<IoThread> io_threads_;
  std::vector<asio::executor_work_guard<Executor>> guards_;
  std::mutex listen_mutex_;  // no listener starts once the server stops
  std::once_flag stopped_;
  // Of the first I/O thread. The destructor comes after its end.
  std::list<std::unique_ptr<Listener>> listeners_;
  std::size_t next_ = 0;
};

}  // namespace

Expected<std::unique_ptr<Server>> Server::Make(const ServerOptions& options, Handler& handler) {
  if (options.connections_max == 0 || options.streams_max == 0 || options.head_bytes_max < 256) {
    return Fail(Code::kInvalid, "an HTTP server needs at least one connection, one stream and 256 bytes for a head");
  }
  return std::make_unique<AsioServer>(options, handler);
}

}  // namespace firmsign::http
