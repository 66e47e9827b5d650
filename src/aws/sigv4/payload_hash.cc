// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/payload_hash.h"

#include <algorithm>

namespace firmsign::sigv4 {

PayloadKind ParsePayloadKind(std::string_view value) {
  if (value == "UNSIGNED-PAYLOAD") return PayloadKind::kUnsigned;
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadKind::kSignedChunks;
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") return PayloadKind::kSignedChunksTrailer;
  if (value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadKind::kUnsignedChunksTrailer;
  if (value.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) return PayloadKind::kAsymmetricChunks;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (value.size() == 64 && std::all_of(value.begin(), value.end(), is_hex)) return PayloadKind::kHash;
  return PayloadKind::kUnknown;
}

}  // namespace firmsign::sigv4
