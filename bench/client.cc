// SPDX-License-Identifier: Apache-2.0

#include "bench/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace firmsign::bench {
namespace {

constexpr int kAnswerSecondsMax = 30;  // so that a server that hangs ends the benchmark, not the night

template <class T>
bool ParseNumber(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// The value of a header in a response's head; empty when there is none. Our server spells names in one way.
std::string_view HeaderOf(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        strncasecmp(line.data(), name.data(), name.size()) == 0) {
      std::string_view value = line.substr(name.size() + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      return value;
    }
  }
  return {};
}

}  // namespace

Expected<Client> Client::Connect(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  std::uint16_t port = 0;
  if (colon == std::string::npos || !ParseNumber(std::string_view(address).substr(colon + 1), port) ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1) {
    return Fail(Code::kInvalid, fmt::format("{} is no IPv4 address and port", address));
  }
  peer.sin_port = htons(port);
  Client client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), address);
  if (client.socket_ < 0 || connect(client.socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    return Fail(Code::kUnavailable, fmt::format("cannot connect to {}: {}", address, std::strerror(errno)));
  }
  const int one = 1;
  static_cast<void>(setsockopt(client.socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  const timeval wait{.tv_sec = kAnswerSecondsMax, .tv_usec = 0};
  static_cast<void>(setsockopt(client.socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait));
  return client;
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      address_(std::move(other.address_)),
      out_(std::move(other.out_)),
      in_(std::move(other.in_)) {}

Client::~Client() {
  if (socket_ >= 0) close(socket_);
}

void Client::WriteHead(const http::RequestHead& head, std::uint64_t bytes) {
  out_.clear();
  out_.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  for (const auto& field : head.headers) out_.append(field.name).append(": ").append(field.value).append("\r\n");
  if (bytes != 0) out_.append("Content-Length: ").append(std::to_string(bytes)).append("\r\n");
  out_.append("\r\n");
}

Expected<Reply> Client::Send(const http::RequestHead& head, std::string_view body) {
  WriteHead(head, body.size());
  out_.append(body);
  RETURN_IF_ERROR(Write(out_));
  return ReadReply();
}

Expected<Client::Transfer> Client::SendBlocks(const http::RequestHead& head, std::string_view block,
                                              std::uint64_t bytes) {
  WriteHead(head, bytes);
  RETURN_IF_ERROR(Write(out_));
  while (bytes > 0) {
    const std::size_t piece = std::min<std::uint64_t>(bytes, block.size());
    RETURN_IF_ERROR(Write(block.substr(0, piece)));
    bytes -= piece;
  }
  ASSIGN_OR_RETURN(const ReplyHead reply, ReadReplyHead());
  std::size_t missing = reply.length - std::min(in_.size(), reply.length);
  in_.clear();
  in_.resize(256 * 1024);
  while (missing > 0) {
    const ssize_t got = recv(socket_, in_.data(), std::min(in_.size(), missing), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Fail(Code::kUnavailable, "the answer ended early");
    missing -= static_cast<std::size_t>(got);
  }
  in_.clear();
  return Transfer{.status = reply.status, .received = reply.length};
}

Expected<void> Client::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Fail(Code::kUnavailable, fmt::format("cannot send: {}", std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Expected<void> Client::ReadMore() {
  constexpr std::size_t kReadBytes = 16 * 1024;
  const std::size_t before = in_.size();
  in_.resize(before + kReadBytes);
  while (true) {
    const ssize_t got = recv(socket_, in_.data() + before, kReadBytes, 0);
    if (got < 0 && errno == EINTR) continue;
    in_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got > 0) return {};
    return Fail(Code::kUnavailable, got == 0 ? std::string("the server closed the connection")
                                             : fmt::format("cannot receive: {}", std::strerror(errno)));
  }
}

Expected<Client::ReplyHead> Client::ReadReplyHead() {
  std::size_t head_end = std::string::npos;
  while ((head_end = in_.find("\r\n\r\n")) == std::string::npos) RETURN_IF_ERROR(ReadMore());
  const std::string_view head(in_.data(), head_end + 2);
  ReplyHead reply;
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!head.starts_with(kVersion) || !ParseNumber(head.substr(kVersion.size(), 3), reply.status)) {
    return Fail(Code::kInvalid, "the answer is not HTTP/1.1");
  }
  if (!ParseNumber(HeaderOf(head, "content-length"), reply.length)) {
    return Fail(Code::kInvalid, "the answer has no Content-Length");
  }
  in_.erase(0, head_end + 4);
  return reply;
}

Expected<Reply> Client::ReadReply() {
  ASSIGN_OR_RETURN(const ReplyHead head, ReadReplyHead());
  while (in_.size() < head.length) RETURN_IF_ERROR(ReadMore());
  Reply reply{.status = head.status, .body = in_.substr(0, head.length)};
  in_.erase(0, head.length);
  return reply;
}

}  // namespace firmsign::bench
