// SPDX-License-Identifier: Apache-2.0
//
// What a token's worker process and its parent say to each other: packets of one kind and a few texts.
//
// A byte for the kind, then each field as four bytes of length, big-endian, and its bytes. kSetUp and its answer are a
// datagram each of a SOCK_SEQPACKET socket, so that the PIN lies in no memory that stays; all others go by lanes
// (lanes.h). The worker holds foreign code, so its packets are parsed as an enemy's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firmsign::pkcs11 {

enum class PacketKind : std::uint8_t {
  // To the worker.
  kSetUp = 1,  // first: module path, token URI, PIN if there is one
  kSign,       // key type, id, label, data
  kList,       // id, label: either may be empty
  // From the worker.
  kDone = 16,  // kSetUp: nothing; kSign: the signature; kList: a KeyReference as three fields for each key
  kFailed,     // the Code's number, whether the worker is of no more use, a message
};

struct Packet {
  PacketKind kind = PacketKind::kFailed;
  std::vector<std::string> fields;

  friend bool operator==(const Packet&, const Packet&) = default;
};

inline constexpr std::size_t kPacketBytesMax = 64 << 10;
inline constexpr std::size_t kPacketFieldsMax = 2048;

std::string FormatPacket(const Packet& packet);
// kInvalid: no packet, or one with more than kPacketFieldsMax fields.
Expected<Packet> ParsePacket(std::string_view bytes);

}  // namespace firmsign::pkcs11
