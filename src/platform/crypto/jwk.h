// SPDX-License-Identifier: Apache-2.0
//
// Public keys from the numbers that JSON Web Keys tell (RFC 7518 §6).

#pragma once

#include <string_view>

#include "base/error.h"
#include "platform/crypto/key.h"

namespace firmsign::crypto {

// Big-endian numbers. kInvalid: no RSA key, or one of less than 2048 or more than 8192 bits.
Expected<PublicKey> RsaKeyOf(std::string_view modulus, std::string_view exponent);
// `curve`: "P-256", "P-384". Coordinates are big-endian and of the curve's length. kInvalid: no point of the curve.
Expected<PublicKey> EcKeyOf(std::string_view curve, std::string_view x, std::string_view y);

}  // namespace firmsign::crypto
