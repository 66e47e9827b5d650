// SPDX-License-Identifier: Apache-2.0
//
// The polynomials of the CRCs of the S3 API, with their lowest term in the highest bit, as these CRCs process bits.
// Internal to platform/crypto; digest.h and checksum.h are the public side.

#pragma once

#include <cstdint>

namespace firmsign::crypto {

inline constexpr std::uint32_t kCrc32Polynomial = 0xEDB88320;
inline constexpr std::uint32_t kCrc32cPolynomial = 0x82F63B78;
inline constexpr std::uint64_t kCrc64NvmePolynomial = 0x9A6C9329AC4BC9B5;

}  // namespace firmsign::crypto
