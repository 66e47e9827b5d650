// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses is written again as the same bytes.

#include <cstdlib>

#include "platform/pkcs11/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto packet = firmsign::pkcs11::ParsePacket(bytes);
  if (packet && firmsign::pkcs11::FormatPacket(*packet) != bytes) std::abort();
  return 0;
}
