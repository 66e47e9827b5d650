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

  const std::string& address() const { return address_; }

 private:
  Client(int socket, std::string address) : socket_(socket), address_(std::move(address)) {}
  Expected<void> Write(std::string_view bytes);
  Expected<void> ReadMore();
  Expected<Reply> ReadReply();

  int socket_;
  std::string address_;
  std::string out_;
  std::string in_;  // read from the socket, not yet used
};

}  // namespace firmsign::bench
