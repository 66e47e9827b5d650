// SPDX-License-Identifier: Apache-2.0
//
// Time-based one-time passwords, as authenticator apps show them: RFC 6238 with HMAC-SHA-1, six digits, 30 seconds.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

namespace firmsign::iam {

// 64 characters of base32 (RFC 4648 §6), 320 bits: what AWS's devices have.
SecretBytes MakeTotpSeed(Random& random);

// Since 1970, in steps of 30 seconds.
std::int64_t TotpStep(Instant at);
// Six digits. `seed` is base32.
std::string TotpCode(const SecretBytes& seed, std::int64_t step);
// The step whose code this is, about now: one before or one after count, too, for clocks that are not alike. nullopt:
// none of them. Takes the same time whichever it is.
std::optional<std::int64_t> FindTotpStep(const SecretBytes& seed, std::string_view code, Instant now);

}  // namespace firmsign::iam
