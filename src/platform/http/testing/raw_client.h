// SPDX-License-Identifier: Apache-2.0
//
// A client of raw bytes for tests of the server: it can send what no proper client would, in any pieces.
//
// Reads block; a test that hangs is ended by a receive timeout of a minute, which fails it.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace firmsign::http::testing {

// A response as it came.
struct Reply {
  int status = 0;  // 0: the connection ended before a whole response came
  std::string head;
  std::string body;

  bool Has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

// Thread safety: confined.
class RawClient {
 public:
  static RawClient Tcp(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return RawClient(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  static RawClient Unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return RawClient(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        ssl_(std::exchange(other.ssl_, nullptr)),
        buffer_(std::move(other.buffer_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { Close(); }

  // Starts TLS on the connection with `context`.
  bool StartTls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    return SSL_connect(ssl_) == 1;
  }
  SSL* ssl() const { return ssl_; }

  bool is_connected() const { return fd_ >= 0; }
  int descriptor() const { return fd_; }

  // False when the server no longer takes it.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void EndWriting() { ::shutdown(fd_, SHUT_WR); }

  // Reads one response; with `is_head` one to HEAD, which has no body. An interim response is returned as one.
  Reply Read(bool is_head = false) {
    Reply reply;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return reply;
    }
    std::string head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    std::size_t length = 0;
    if (std::size_t at = head.find("Content-Length: "); at != std::string::npos && !is_head) {
      length = std::strtoull(head.c_str() + at + 16, nullptr, 10);
    }
    while (buffer_.size() < length) {
      if (!Fill()) return reply;
    }
    reply.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    reply.status = std::atoi(head.c_str() + 9);
    reply.head = std::move(head);
    return reply;
  }
  Reply Ask(std::string_view request) {
    Send(request);
    return Read();
  }

  // Everything until the server ends the connection.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(buffer_, {});
  }
  // At least one byte; empty at the end.
  std::string ReadSome() {
    if (buffer_.empty()) Fill();
    return std::exchange(buffer_, {});
  }
  // True when the server has ended the connection and sent nothing more.
  bool IsAtEnd() { return ReadToEnd().empty(); }

  void Close() {
    if (ssl_) SSL_free(std::exchange(ssl_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  RawClient(int family, const sockaddr* address, socklen_t size)
      : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    timeval minute{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
    if (::connect(fd_, address, size) != 0) Close();
  }

  bool Fill() {
    char piece[65536];
    ssize_t count = ssl_ ? SSL_read(ssl_, piece, sizeof piece) : ::recv(fd_, piece, sizeof piece, 0);
    if (count <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(count));
    return true;
  }

  int fd_ = -1;
  SSL* ssl_ = nullptr;
  std::string buffer_;
};

}  // namespace firmsign::http::testing
