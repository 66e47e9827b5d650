// SPDX-License-Identifier: Apache-2.0
//
// A signing platform as GetSigningPlatform and ListSigningPlatforms show it.

#pragma once

#include "engine/signing/platform.h"
#include "model/signer.h"
#include "services/signer/service.h"

namespace firmsign::signer {

SigningConfiguration ConfigurationAnswer(const signing::Platform& platform);
SigningImageFormat FormatAnswer(const signing::Platform& platform);

// `Answer` is GetSigningPlatformResponse or SigningPlatform: the same members.
template <class Answer>
Answer PlatformAnswer(const signing::Platform& platform, const ServiceOptions& options) {
  Answer answer;
  answer.platform_id = std::string(platform.id);
  answer.display_name = std::string(platform.display_name);
  answer.partner = std::string(platform.partner);
  answer.target = std::string(platform.target);
  answer.category = std::string(platform.category);
  answer.signing_configuration = ConfigurationAnswer(platform);
  answer.signing_image_format = FormatAnswer(platform);
  answer.max_size_in_mb = platform.size_mb_max;
  answer.revocation_supported = IsRevocable(platform, options);
  return answer;
}

}  // namespace firmsign::signer
