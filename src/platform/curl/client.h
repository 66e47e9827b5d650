// SPDX-License-Identifier: Apache-2.0
//
// A blocking HTTP/1.1 client (libcurl): what `firmsign sign` uses, and what reaches a foreign S3.
//
// It moves bytes and nothing else: the target and the headers leave exactly as given, because a signature covers them
// (aws/sigv4 makes it; libcurl's own signing fails S3). It follows no redirect, keeps no cookies, and uses no proxy
// unless told so.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "platform/http/message.h"

namespace firmsign::curl {

struct ClientOptions {
  std::chrono::seconds connect_seconds_max{10};
  std::chrono::seconds stall_seconds_max{60};  // without a single byte in either direction
  std::chrono::seconds total_seconds_max{0};   // of a whole exchange, however steadily it drips; 0: no limit
  std::string ca_bundle;                       // PEM file; empty: the system's authorities
  bool uses_proxy_from_environment = false;    // http_proxy, https_proxy, no_proxy
};

struct ClientRequest {
  std::string url_base;     // "http://host:port" or "https://host"; without path
  std::string unix_socket;  // when given: the socket to connect to instead of url_base's host
  // Method, target and headers are sent, the rest is ignored. A Host is added when there is none, and Content-Length
  // always, from `body`; give neither Content-Length nor Transfer-Encoding.
  http::RequestHead head;
  std::variant<std::string, http::FileRange> body;
};

struct ClientResponse {
  int status = 0;
  http::Headers headers;
  std::string body;  // empty when it went to a sink
};

struct Transfer {
  // The longest body that is kept in memory.
  std::uint64_t response_bytes_max = 16 * 1024 * 1024;
  // Takes the body of a successful (2xx) response piece by piece; an error ends the transfer. Other bodies are kept in
  // memory all the same, as they say what went wrong.
  std::function<Expected<void>(std::string_view piece)> sink;
  // Bytes of body moved and to be moved: up while the request has a body, else down. `total` is 0 while unknown.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// Keeps its connection open between requests. Thread safety: confined.
class Client {
 public:
  explicit Client(const ClientOptions& options);
  ~Client();

  // Every response is a success, whatever its status. kInvalid: not a URL, or a header that cannot be sent.
  // kUnavailable: no connection, no trust, a stall, a broken response; the message says what to do. kExhausted: the
  // response is longer than `response_bytes_max`. Else what the body's file or the sink returned.
  Expected<ClientResponse> Send(const ClientRequest& request, const Transfer& transfer = {});

  // Whether something listens on this socket. Connects to it and sends nothing.
  static bool IsListening(const std::string& unix_socket);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firmsign::curl
