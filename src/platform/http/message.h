// SPDX-License-Identifier: Apache-2.0
//
// HTTP messages as plain data (RFC 9110), without a trace of the library that reads and writes them.
//
// The other half is platform/http/server.h.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "platform/files/file.h"

namespace firmsign::http {

// Header fields in the order they came; names compare without case, values have no blanks at their ends.
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  // The first field of that name; nullopt when there is none.
  std::optional<std::string_view> Find(std::string_view name) const;
  // The value, or an empty string when there is none.
  std::string_view Get(std::string_view name) const { return Find(name).value_or(std::string_view()); }
  void Add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  // Replaces every field of that name by one.
  void Set(std::string_view name, std::string value);
  void Remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Who is at the other end.
struct Peer {
  std::string address;          // "127.0.0.1", "::1"; empty on a Unix socket
  std::optional<unsigned> uid;  // on a Unix socket: the peer's user id, told by the kernel (SO_PEERCRED)
  bool tls = false;
};

struct RequestHead {
  std::string method;  // as sent, e.g. "GET"
  std::string target;  // as sent: path, then '?' and query if there is one
  Headers headers;
  Peer peer;
  std::optional<std::uint64_t> content_length;  // absent with chunked transfer coding or without a body
  bool chunked = false;                         // Transfer-Encoding: chunked
  bool expects_continue = false;                // Expect: 100-continue

  // Views into `target`; the query is without its '?'.
  std::string_view path() const;
  std::string_view query() const;
  bool HasBody() const { return chunked || content_length.value_or(0) > 0; }
};

// A piece of an open file to send. The file stays open until the last byte is sent.
struct FileRange {
  std::shared_ptr<const files::File> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// What a response carries: bytes in memory, or pieces of files one after another.
using Body = std::variant<std::string, std::vector<FileRange>>;

std::uint64_t BodyLength(const Body& body);

struct Response {
  int status = 200;
  Headers headers;  // without Date, Content-Length, Connection, Transfer-Encoding: the server writes these
  Body body;
  // For HEAD, where no body is sent: the length to announce instead of the body's own.
  std::optional<std::uint64_t> content_length;
  bool close = false;  // close the connection after this response
};

// The body of one streaming request, pulled by the thread that handles it. HTTP framing is already undone.
//
// The client is told to go on (100 Continue) at the first Read. Thread safety: confined.
class BodyReader {
 public:
  virtual ~BodyReader() = default;

  // Waits for the next bytes and copies at most out.size() of them; 0 at the end of the body.
  // kInvalid: broken framing. kUnavailable: the client left, or was slower than the server's minimum rate.
  virtual Expected<std::size_t> Read(std::span<char> out) = 0;
};

}  // namespace firmsign::http
