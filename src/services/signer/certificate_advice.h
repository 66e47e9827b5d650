// SPDX-License-Identifier: Apache-2.0
//
// Advice against certificates that sign here, and whose signatures devices and auditors refuse later: told when a
// profile is made, before anything is signed.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/signing/platform.h"
#include "platform/crypto/key.h"

namespace firmsign::signer {

enum class CertificateAdvice { kOff, kWarn, kRefuse };

// Text for people, one for each fault: its extensions do not name Digital Signature and Code Signing, as AWS's guide
// wants it (RFC 5280 §4.2.1.3 and §4.2.1.12), its key does not sign for the recipe, it is not valid at `now`,
// or not for `days_min` more days. Empty: a good one. A pure function.
std::vector<std::string> AdviseAgainst(const crypto::Certificate& certificate, const signing::Recipe& recipe,
                                       Instant now, std::int64_t days_min);

}  // namespace firmsign::signer
