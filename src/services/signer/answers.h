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
std::optional<StringMap> IfGiven(const StringMap& map);
std::optional<Source> SourceAnswer(const Job& job);                  // only for jobs that sign an object
std::optional<SignedObject> SignedObjectAnswer(const Job& job);      // only for those of them that succeeded
SigningMaterial MaterialAnswer(const std::string& certificate_arn);  // {} for the keys of the deployment
std::optional<SignatureValidityPeriod> ValidityAnswer(const std::optional<Validity>& validity);
std::string_view PlatformDisplayName(std::string_view platform_id);

// 404 with sub-code ProfileNotFound.
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchProfile(const std::string& name);
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchJob(const std::string& id);
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchPlatform(const std::string& id);
// 404 with sub-code ProfileVersionNotFound.
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchVersion(const std::string& version,
                                                                               const ProfileName& name);
// 409: another call changed the same thing meanwhile.
std::unexpected<aws::Refusal<errors::ConflictException>> ChangedMeanwhile(std::string_view what);

}  // namespace firmsign::signer
