// SPDX-License-Identifier: Apache-2.0
//
// What every new job is made of, whichever operation starts it.

#pragma once

#include <string_view>

#include "aws/api_error.h"
#include "base/random.h"
#include "engine/signing/service_identity.h"
#include "gateway/call.h"
#include "model/signer.h"
#include "services/signer/job.h"

namespace firmsign::signer {

inline constexpr std::string_view kSigningSucceeded = "Signing Succeeded";  // AWS's statusReason

// A job in the account of the profile, for the caller; without token, fingerprint and objects.
Job NewJobOf(const Profile& profile, const gateway::CallFacts& facts, Random& random);

// What a signature with a key of the deployment says of the job.
signing::SignatureFacts FactsOf(const Job& job, Instant signed_at);

// 400 with sub-code ProfileNotActive: the profile is canceled or revoked.
std::unexpected<aws::Refusal<errors::ValidationException>> NotActive(const Profile& profile);

}  // namespace firmsign::signer
