// SPDX-License-Identifier: Apache-2.0
//
// Which certificate signs, and with what parameters: what PutSigningProfile and a StartSigningJob without a profile
// check alike.

#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "engine/signing/platform.h"
#include "gateway/call.h"
#include "model/signer.h"
#include "services/signer/service.h"

namespace firmsign::signer {

struct CheckedMaterial {
  // In ACM in this account and region; empty for a platform that signs with the keys of the deployment.
  std::string certificate_arn;
  // Why no such certificate should sign (certificate_advice.h), a sentence; it is in the log, too. Empty: it should.
  std::string advice;
};

// kInvalid: no certificate, one where none may be given, one that is not there, that the options refuse, or of an RSA
// key too short to sign; the message is for the caller.
Expected<CheckedMaterial> CheckMaterial(Service& signer, const gateway::CallFacts& facts, const signing::Recipe& recipe,
                                        const std::optional<SigningMaterial>& given);

// signingParameters: every job carries a copy of them. kInvalid: more than kParameterBytesMax of names and values.
inline constexpr std::size_t kParameterBytesMax = 16 << 10;
Expected<StringMap> CheckParameters(const std::optional<StringMap>& given);

}  // namespace firmsign::signer
