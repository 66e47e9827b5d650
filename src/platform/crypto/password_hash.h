// SPDX-License-Identifier: Apache-2.0
//
// Hashes of passwords: Argon2id (RFC 9106), with the parameters that OWASP's password storage cheat sheet names first:
// 19 MiB, two passes, one lane.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"

namespace firmsign::crypto {

// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Takes some 20 ms and 19 MiB. kExhausted: there is no such memory.
Expected<std::string> HashPassword(const SecretBytes& password, Random& random);
// Whether `hash` is one of this password. False for what is no hash.
bool IsPassword(const SecretBytes& password, const std::string& hash);

}  // namespace firmsign::crypto
