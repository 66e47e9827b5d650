// SPDX-License-Identifier: Apache-2.0
//
// Chains of certificates: from the one that signs code up to a root that is trusted (RFC 5280 §6).
//
// Revocation is not looked at here: who asks knows where to learn of it.

#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/crypto/key.h"

namespace firmsign::crypto {

// The chain of `leaf`, leaf first and `root` last, through any of `others`, all of them valid at `at`. The leaf may
// sign code: keyUsage has digitalSignature, extendedKeyUsage codeSigning, and it is no authority; the others are
// authorities. kInvalid: there is no such chain; the message says which check failed.
Expected<std::vector<Certificate>> VerifyCodeSigningChain(const Certificate& leaf, std::span<const Certificate> others,
                                                          const Certificate& root, Instant at);

}  // namespace firmsign::crypto
