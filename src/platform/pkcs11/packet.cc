// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/packet.h"

namespace firmsign::pkcs11 {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kFieldsUsual = 4;

bool IsKind(unsigned char byte) {
  switch (static_cast<PacketKind>(byte)) {
    case PacketKind::kSetUp:
    case PacketKind::kSign:
    case PacketKind::kList:
    case PacketKind::kDone:
    case PacketKind::kFailed: return true;
  }
  return false;
}

}  // namespace

std::string FormatPacket(const Packet& packet) {
  std::size_t length_of_all = 1;
  for (const std::string& field : packet.fields) length_of_all += kLengthBytes + field.size();
  std::string bytes;
  bytes.reserve(length_of_all);  // one of them may be a PIN, of which growing would leave copies
  bytes.push_back(static_cast<char>(packet.kind));
  for (const std::string& field : packet.fields) {
    const auto length = static_cast<std::uint32_t>(field.size());
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((length >> shift) & 0xff));
    bytes += field;
  }
  return bytes;
}

Expected<Packet> ParsePacket(std::string_view bytes) {
  if (bytes.empty() || !IsKind(static_cast<unsigned char>(bytes.front()))) {
    return Fail(Code::kInvalid, "this is no packet");
  }
  Packet packet{.kind = static_cast<PacketKind>(bytes.front()), .fields = {}};
  packet.fields.reserve(kFieldsUsual);
  bytes.remove_prefix(1);
  while (!bytes.empty()) {
    if (bytes.size() < kLengthBytes) return Fail(Code::kInvalid, "the packet ends within a length");
    std::size_t length = 0;
    for (const char byte : bytes.substr(0, kLengthBytes)) length = length << 8 | static_cast<unsigned char>(byte);
    bytes.remove_prefix(kLengthBytes);
    if (length > bytes.size()) return Fail(Code::kInvalid, "the packet ends within a field");
    if (packet.fields.size() == kPacketFieldsMax) return Fail(Code::kInvalid, "the packet has too many fields");
    packet.fields.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return packet;
}

}  // namespace firmsign::pkcs11
