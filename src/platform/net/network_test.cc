// SPDX-License-Identifier: Apache-2.0

#include "platform/net/network.h"

#include <gtest/gtest.h>

namespace firmsign::net {
namespace {

bool Contains(std::string_view network, std::string_view address) {
  return Network::Parse(network)->Contains(*Network::Parse(address));
}

TEST(Network, ContainsTheAddressesOfItsPrefix) {
  EXPECT_TRUE(Contains("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(Contains("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(Contains("203.0.113.8/29", "203.0.113.15"));
  EXPECT_FALSE(Contains("203.0.113.8/29", "203.0.113.16"));
  EXPECT_TRUE(Contains("2001:db8::/32", "2001:db8:ffff::"));
  EXPECT_FALSE(Contains("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(Contains("::1", "::1"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "10.0.0.0/7")) << "a network that is larger";
  EXPECT_TRUE(Contains("0.0.0.0/0", "10.1.2.3"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::"));
  EXPECT_TRUE(Contains("::/0", "10.1.2.3"));
}

TEST(Network, IsNothingElse) {
  for (const char* text : {"", "/", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/1x", "::/129", "::/",
                           "host", "10.0.0.0.0", "1::2::3", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Network::Parse(text)) << text;
  }
}

TEST(Network, KnowsWhoseAddressesItHas) {
  for (const char* text : {"0.0.0.0/0", "10.1.2.3", "::ffff:10.0.0.0/104"}) {
    EXPECT_TRUE(Network::Parse(text)->IsIpv4()) << text;
  }
  for (const char* text : {"::/0", "2001:db8::1", "::ffff:0:0/95"})
    EXPECT_FALSE(Network::Parse(text)->IsIpv4()) << text;
}

}  // namespace
}  // namespace firmsign::net
