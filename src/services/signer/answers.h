// SPDX-License-Identifier: Apache-2.0
//
// From nouns to the structs of the wire, and the refusals that several operations share.

#pragma once

#include <expected>
#include <optional>
#include <string>

#include "aws/api_error.h"
#include "engine/signing/platform.h"
#include "model/signer.h"
#include "services/signer/job.h"
#include "services/signer/profile.h"

namespace firmsign::signer {

std::optional<std::string> IfGiven(const std::string& text);  // nullopt for the empty text
std::optional<SigningPlatformOverrides> OverridesAnswer(const Overrides& overrides);
Source SourceAnswer(const Job& job);
std::optional<SignedObject> SignedObjectAnswer(const Job& job);  // only for jobs that succeeded
SigningMaterial MaterialAnswer(const std::string& certificate_arn);
std::string_view PlatformDisplayName(std::string_view platform_id);

// 404 with sub-code ProfileNotFound.
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchProfile(const std::string& name);
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchJob(const std::string& id);

}  // namespace firmsign::signer
