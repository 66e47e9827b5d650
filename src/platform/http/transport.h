// SPDX-License-Identifier: Apache-2.0
//
// A connected byte stream: plain, or under TLS 1.2 or 1.3 (OpenSSL through asio::ssl).

#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "platform/http/asio.h"
#include "platform/http/server.h"

namespace firmsign::http {

// Thread safety: confined to the thread of its io_context. No operation raises SIGPIPE.
class Transport {
 public:
  virtual ~Transport() = default;

  // False when the client and we could not agree, or it went away. Once, before anything else.
  virtual Awaitable<bool> Handshake() = 0;
  // At least one byte; 0 when the client has ended, on an error, and after CancelRead or Close.
  virtual Awaitable<std::size_t> Read(std::span<char> out) = 0;
  // All of both, one after the other. False when the client is gone.
  virtual Awaitable<bool> Write(std::string_view first, std::string_view second) = 0;
  // Tells the client that nothing follows. Under TLS it waits for the client's own goodbye.
  virtual Awaitable<void> EndWriting() = 0;
  // Makes a pending Read return 0 without harm to the stream.
  virtual void CancelRead() = 0;
  // Ends everything now; pending operations fail.
  virtual void Close() = 0;

  // How many bytes the kernel of the client has confirmed, so that a large send buffer is not taken for a fast client.
  std::uint64_t BytesDelivered();
  virtual bool is_tls() const = 0;

 protected:
  virtual int descriptor() = 0;
  std::uint64_t bytes_written_ = 0;
};

// `tls` is null for a plain connection; it outlives the transport.
std::unique_ptr<Transport> MakeTransport(Socket socket, asio::ssl::context* tls);

// kInvalid: a file is missing or holds no certificate chain or no private key, or the two do not belong together.
Expected<std::unique_ptr<asio::ssl::context>> MakeTlsContext(const TlsFiles& files);

}  // namespace firmsign::http
