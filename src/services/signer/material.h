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

// The ARN of the certificate, which is in ACM in this account and region; empty for a platform that signs with the keys
// of the deployment, and then none may be given. A certificate that is advised against (certificate_advice.h) is logged
// or refused, as the options say. kInvalid: none, one too many, one that is not there, refused, or of an RSA key too
// short to sign; the message is for the caller.
Expected<std::string> CheckMaterial(Service& signer, const gateway::CallFacts& facts, const signing::Recipe& recipe,
                                    const std::optional<SigningMaterial>& given);

// signingParameters: every job carries a copy of them. kInvalid: more than kParameterBytesMax of names and values.
inline constexpr std::size_t kParameterBytesMax = 16 << 10;
Expected<StringMap> CheckParameters(const std::optional<StringMap>& given);

}  // namespace firmsign::signer
