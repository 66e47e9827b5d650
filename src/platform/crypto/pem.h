// SPDX-License-Identifier: Apache-2.0
//
// PEM (RFC 7468 and its elder, RFC 1421) taken apart into blocks, for the other files of this folder. Nobody else
// includes this.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace firmsign::crypto {

struct PemBlock {
  std::string name;           // "CERTIFICATE", "EC PRIVATE KEY"
  bool is_encrypted = false;  // by its header (RFC 1421); PKCS#8 says it in the name
  SecretBytes der;
};

// Every block in order; text outside of blocks is comment. kInvalid: no block, a block that is cut off or is not
// base64, or more than kPemBytesMax.
Expected<std::vector<PemBlock>> ParsePem(std::string_view text);

inline constexpr std::size_t kPemBytesMax = 4 << 20;

// One block in lines of 64 characters. Only for what is not secret.
std::string FormatPem(std::string_view name, std::string_view der);

}  // namespace firmsign::crypto
