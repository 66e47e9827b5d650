// SPDX-License-Identifier: Apache-2.0
//
// The words that x-amz-content-sha256 may hold, and what each says about the body (contract 08-s3 §8.4).

#pragma once

#include <string_view>

namespace firmsign::sigv4 {

enum class PayloadKind {
  kHash,                   // 64 lower-case hexadecimal characters: SHA-256 of the whole body
  kUnsigned,               // UNSIGNED-PAYLOAD: the body is not covered by the signature
  kSignedChunks,           // aws-chunked, every chunk signed
  kSignedChunksTrailer,    // the same, with signed trailers
  kUnsignedChunksTrailer,  // aws-chunked, not signed, with trailers
  kAsymmetricChunks,       // SigV4A (ECDSA), which is not built
  kUnknown,                // nothing that S3 knows
};

// What the value of x-amz-content-sha256 announces. The header's value itself is the last line of the canonical
// request, whatever its kind.
PayloadKind ParsePayloadKind(std::string_view value);

// True when the body is in aws-chunked framing (aws/sigv4/chunked.h).
constexpr bool IsChunked(PayloadKind kind) {
  return kind == PayloadKind::kSignedChunks || kind == PayloadKind::kSignedChunksTrailer ||
         kind == PayloadKind::kUnsignedChunksTrailer;
}
constexpr bool HasTrailer(PayloadKind kind) {
  return kind == PayloadKind::kSignedChunksTrailer || kind == PayloadKind::kUnsignedChunksTrailer;
}

}  // namespace firmsign::sigv4
