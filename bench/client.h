// SPDX-License-Identifier: Apache-2.0
//
// A blocking HTTP/1.1 client on one kept-open connection, as cheap as it can be: what it costs is taken from the
// server's two cores.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/http/message.h"

namespace firmsign::bench {

struct Reply {
  int status = 0;
  std::string body;
};

// Thread safety: confined.
class Client {
 public:
  // `address` is HOST:PORT, the host an IPv4 address. kInvalid: it is not. kUnavailable: nobody listens.
  static Expected<Client> Connect(const std::string& address);

  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  // Sends one request and waits for its answer; Content-Length is added. kUnavailable: the connection broke.
  // kInvalid: an answer without Content-Length, which our server never gives.
  Expected<Reply> Send(const http::RequestHead& head, std::string_view body);

  struct Transfer {
    int status = 0;
    std::uint64_t received = 0;  // bytes of the answer's body, which are not kept
  };
  // Sends one request whose body is `block` over and over, `bytes` in all. Codes as Send.
  Expected<Transfer> SendBlocks(const http::RequestHead& head, std::string_view block, std::uint64_t bytes);

  const std::string& address() const { return address_; }

 private:
  Client(int socket, std::string address) : socket_(socket), address_(std::move(address)) {}
  Expected<void> Write(std::string_view bytes);
  Expected<void> ReadMore();
  struct ReplyHead {
    int status = 0;
    std::size_t length = 0;  // of the body that follows
  };
  Expected<ReplyHead> ReadReplyHead();
  Expected<Reply> ReadReply();
  void WriteHead(const http::RequestHead& head, std::uint64_t bytes);

  int socket_;
  std::string address_;
  std::string out_;
  std::string in_;  // read from the socket, not yet used
};

}  // namespace firmsign::bench
