// SPDX-License-Identifier: Apache-2.0

#include "platform/net/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <string>

namespace firmsign::net {
namespace {

constexpr int kIpv4Offset = 96;  // bits before an IPv4 address in its IPv6 form
constexpr Network kIpv4{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, .bits = kIpv4Offset};

}  // namespace

Expected<Network> Network::Parse(std::string_view text) {
  Network network;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  int offset = 0;
  if (inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
    network.address = kIpv4.address;
    if (inet_pton(AF_INET, address.c_str(), network.address.data() + 12) != 1) {
      return Fail(Code::kInvalid,
                  fmt::format("{} is neither an IP address nor a range in CIDR form", text.substr(0, 128)));
    }
    offset = kIpv4Offset;
  }
  if (slash == std::string_view::npos) return network;
  const std::string_view bits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
  if (error != std::errc() || end != bits.data() + bits.size() || network.bits < 0 || network.bits + offset > 128) {
    return Fail(Code::kInvalid,
                fmt::format("{} has no prefix length that its address could have", text.substr(0, 128)));
  }
  network.bits += offset;
  return network;
}

bool Network::Contains(const Network& other) const {
  if (other.bits < bits) return false;
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address.data(), other.address.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00 >> (bits % 8));
  return ((address[whole] ^ other.address[whole]) & mask) == 0;
}

bool Network::IsIpv4() const { return kIpv4.Contains(*this); }

}  // namespace firmsign::net
