// SPDX-License-Identifier: Apache-2.0
//
// Certificates and chains as somebody presents them, with ImportCertificate's checks and AWS's wording (contract 07
// §7.2). The reason inside stays in the log: it comes from the parser and never holds a part of a key.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "aws/api_error.h"
#include "base/time.h"
#include "model/acm.h"
#include "platform/crypto/key.h"
#include "services/acm/service.h"

namespace firmsign::acm {

using Invalid = aws::Refusal<errors::ValidationException>;
std::unexpected<Invalid> Refused(std::string message, std::string cause = {});

// One certificate of a supported kind that is valid now, and whose private key is not public.
std::expected<crypto::Certificate, Invalid> ParseCertificate(const Service& acm, std::string_view pem, Instant now);

// The chain's PEM, written anew; empty for a self-signed certificate without one.
std::expected<std::string, Invalid> ParseChain(const std::optional<std::string>& pem,
                                               const crypto::Certificate& certificate);

// Why `next` cannot come in the place of this certificate, a sentence for the caller; nullopt: it can. What a
// certificate could do before, it must still be able to do: services that use it rely on it. And only one that was
// imported, or attached, can be replaced.
std::optional<std::string> WhyNotReplaceable(const StoredCertificate& stored, const crypto::Certificate& next);

}  // namespace firmsign::acm
