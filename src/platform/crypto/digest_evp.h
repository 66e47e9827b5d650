// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's object for a hash, for the other files of this folder. Nobody else includes this.

#pragma once

#include <openssl/evp.h>

#include "platform/crypto/digest.h"

namespace firmsign::crypto {

// Lives as long as the process.
const EVP_MD* MessageDigest(Hash hash);

}  // namespace firmsign::crypto
