// SPDX-License-Identifier: Apache-2.0
//
// Listening sockets: how addresses become descriptors, and who is at the other end of a connection.

#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "platform/http/message.h"

namespace firmsign::http {

struct BoundSocket {
  int descriptor = -1;
  int family = 0;          // AF_INET, AF_INET6, AF_UNIX
  std::uint16_t port = 0;  // 0 on a Unix socket
};

// `host` is an IPv4 or IPv6 address or "localhost". kInvalid: not an address. kUnavailable: in use, or not allowed.
Expected<BoundSocket> BindTcp(const std::string& host, std::uint16_t port);
// Mode 0600 from its first moment; a left-over socket file is replaced. kInvalid: too long, or another kind of file is
// there. kUnavailable: not allowed.
Expected<BoundSocket> BindUnix(const std::string& path);

// What the kernel tells about the client of a connected socket; `tls` is left to the caller.
Peer DescribePeer(int descriptor, int family);

}  // namespace firmsign::http
