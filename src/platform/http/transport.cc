// SPDX-License-Identifier: Apache-2.0

#include "platform/http/transport.h"

#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>
#include <utility>

namespace firmsign::http {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  Awaitable<bool> Handshake() override { co_return true; }

  Awaitable<std::size_t> Read(std::span<char> out) override {
    error_code ec;
    std::size_t count =
        co_await socket_.async_read_some(asio::buffer(out.data(), out.size()), asio::redirect_error(kAwait, ec));
    co_return ec ? 0 : count;
  }

  // Nearly every response fits the socket's buffer, so the first try is a plain system call.
  Awaitable<bool> Write(std::string_view first, std::string_view second) override {
    while (!first.empty() || !second.empty()) {
      ssize_t sent = Send(first, second);
      if (sent >= 0) {
        bytes_written_ += static_cast<std::uint64_t>(sent);
        std::size_t count = static_cast<std::size_t>(sent);
        std::size_t of_first = std::min(count, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(count - of_first);
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) co_return false;
      error_code ec;
      co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(kAwait, ec));
      if (ec) co_return false;
    }
    co_return true;
  }

  Awaitable<void> EndWriting() override {
    error_code ec;
    socket_.shutdown(Socket::shutdown_send, ec);
    co_return;
  }

  void CancelRead() override {
    error_code ec;
    socket_.cancel(ec);
  }
  void Close() override {
    error_code ec;
    socket_.close(ec);
  }
  bool is_tls() const override { return false; }

 protected:
  int descriptor() override { return socket_.is_open() ? socket_.native_handle() : -1; }

 private:
  ssize_t Send(std::string_view first, std::string_view second) {
    if (!socket_.is_open()) {
      errno = EBADF;
      return -1;
    }
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  Socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  Awaitable<bool> Handshake() override {
    error_code ec;
    co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(kAwait, ec));
    co_return !ec;
  }

  Awaitable<std::size_t> Read(std::span<char> out) override {
    error_code ec;
    std::size_t count =
        co_await stream_.async_read_some(asio::buffer(out.data(), out.size()), asio::redirect_error(kAwait, ec));
    co_return ec ? 0 : count;
  }

  Awaitable<bool> Write(std::string_view first, std::string_view second) override {
    // GCC 12.2 turns `if (!co_await ...)` here into an illegal instruction under its undefined-behaviour sanitizer.
    bool is_sent = co_await WriteOne(first);
    if (is_sent) is_sent = co_await WriteOne(second);
    co_return is_sent;
  }

  Awaitable<void> EndWriting() override {
    error_code ec;
    co_await stream_.async_shutdown(asio::redirect_error(kAwait, ec));
  }

  void CancelRead() override {
    error_code ec;
    stream_.next_layer().cancel(ec);
  }
  void Close() override {
    error_code ec;
    stream_.next_layer().close(ec);
  }
  bool is_tls() const override { return true; }

 protected:
  int descriptor() override { return stream_.next_layer().is_open() ? stream_.next_layer().native_handle() : -1; }

 private:
  Awaitable<bool> WriteOne(std::string_view bytes) {
    while (!bytes.empty()) {
      error_code ec;
      std::size_t count =
          co_await stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()), asio::redirect_error(kAwait, ec));
      if (ec) co_return false;
      bytes_written_ += count;
      bytes.remove_prefix(count);
    }
    co_return true;
  }

  asio::ssl::stream<Socket> stream_;
};

std::string OpenSslReason() {
  char text[256] = "unknown reason";
  if (unsigned long code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

// We speak HTTP/1.1 only; a client that offers it among others is told so, one that does not is served all the same.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                   void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  int result = SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

std::uint64_t Transport::BytesDelivered() {
  int unsent = 0;
  int fd = descriptor();
  if (fd < 0 || ::ioctl(fd, SIOCOUTQ, &unsent) != 0 || unsent < 0) return bytes_written_;
  std::uint64_t queued = static_cast<std::uint64_t>(unsent);
  return queued < bytes_written_ ? bytes_written_ - queued : 0;
}

std::unique_ptr<Transport> MakeTransport(Socket socket, asio::ssl::context* tls) {
  if (tls == nullptr) return std::make_unique<PlainTransport>(std::move(socket));
  return std::make_unique<TlsTransport>(std::move(socket), *tls);
}

Expected<std::unique_ptr<asio::ssl::context>> MakeTlsContext(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(raw, SelectProtocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate_chain.c_str()) != 1) {
    return Fail(Code::kInvalid, "no certificate chain in " + files.certificate_chain + ": " + OpenSslReason());
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Fail(Code::kInvalid, "no matching private key in " + files.private_key + ": " + OpenSslReason());
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    return Fail(Code::kInvalid, files.private_key + " is not the key of " + files.certificate_chain);
  }
  return context;
}

}  // namespace firmsign::http
