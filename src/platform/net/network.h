// SPDX-License-Identifier: Apache-2.0
//
// Networks: IP addresses with the length of a prefix (RFC 4632, RFC 4291).

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace firmsign::net {

// IPv4 addresses are kept as ::ffff:a.b.c.d, so that 0.0.0.0/0 is every one of them and ::/0 every address.
struct Network {
  std::array<std::uint8_t, 16> address{};
  int bits = 128;

  // "203.0.113.0/24", "2001:db8::/32", or an address alone. kInvalid: none of these.
  static Expected<Network> Parse(std::string_view text);
  bool Contains(const Network& other) const;
  // Whether all its addresses are ::ffff:a.b.c.d.
  bool IsIpv4() const;
};

}  // namespace firmsign::net
