// SPDX-License-Identifier: Apache-2.0
//
// The hardware tokens of the configuration.

#pragma once

#include <cstddef>

#include "apps/server/options.h"
#include "base/error.h"
#include "engine/keys/token_key.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::server {

// No token is touched. kInvalid: an entry that is not NAME=URI, a name that is there twice, or a URI that does not fit.
Expected<keys::Tokens> MakeTokens(const Pkcs11Options& options);
// How many signatures all tokens can have in hand.
std::size_t TokenSessions(const Pkcs11Options& options);
// `tokens` outlive the metrics.
void MakeTokenMetrics(const keys::Tokens& tokens, telemetry::Metrics& metrics);

}  // namespace firmsign::server
