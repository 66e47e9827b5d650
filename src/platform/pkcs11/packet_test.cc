// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/packet.h"

#include <gtest/gtest.h>

namespace firmsign::pkcs11 {
namespace {

TEST(Packet, IsReadAsItWasWritten) {
  for (const Packet& packet :
       {Packet{.kind = PacketKind::kDone, .fields = {}}, Packet{.kind = PacketKind::kSign, .fields = {"", "a"}},
        Packet{.kind = PacketKind::kFailed, .fields = {std::string(70'000, 'x'), std::string("\0\xff", 2)}}}) {
    const auto parsed = ParsePacket(FormatPacket(packet));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, packet);
  }
}

TEST(Packet, RefusesWhatIsCutOrOfNoKind) {
  const std::string whole = FormatPacket({.kind = PacketKind::kSign, .fields = {"abc"}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (length == 1) continue;  // a packet without fields
    EXPECT_FALSE(ParsePacket(whole.substr(0, length))) << length;
  }
  EXPECT_FALSE(ParsePacket("\x07"));
  EXPECT_FALSE(ParsePacket(std::string("\x02\xff\xff\xff\xff", 5)));
}

TEST(Packet, HasABoundOfFields) {
  std::string many(1, static_cast<char>(PacketKind::kDone));
  many.append(4 * kPacketFieldsMax, '\0');
  EXPECT_TRUE(ParsePacket(many));
  EXPECT_FALSE(ParsePacket(many + std::string(4, '\0')));
}

}  // namespace
}  // namespace firmsign::pkcs11
