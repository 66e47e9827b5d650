// SPDX-License-Identifier: Apache-2.0
//
// The two encodings of an ECDSA signature: DER SEQUENCE{r,s} (X.509, CMS), and r and s as numbers of fixed length one
// after the other (JOSE, RFC 7518 §3.4).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::crypto {

// `number_bytes` is the length of r and of s: 48 for P-384. kInvalid: not DER, or a number that is negative or longer.
Expected<std::string> EcdsaDerToRaw(std::string_view der, std::size_t number_bytes);
// kInvalid: not exactly two numbers of `number_bytes` each. A verifier that took another length would take one
// signature in many forms.
Expected<std::string> EcdsaRawToDer(std::string_view raw, std::size_t number_bytes);

}  // namespace firmsign::crypto
