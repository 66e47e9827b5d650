// SPDX-License-Identifier: Apache-2.0
//
// GetSigningPlatform: one row of the catalogue.

#include <fmt/format.h>

#include "services/signer/operations.h"
#include "services/signer/platform_answer.h"

namespace firmsign::signer {

aws::Result<ops::GetSigningPlatform> GetSigningPlatform(Service&,
                                                        const gateway::Authorized<ops::GetSigningPlatform>& call) {
  const signing::Platform* platform = signing::FindPlatform(call.input().platform_id);
  if (platform == nullptr) {
    return aws::Refuse<errors::ResourceNotFoundException>(
        fmt::format("Signing Platform with id {} does not exist. ListSigningPlatforms shows those that do.",
                    call.input().platform_id),
        "PlatformNotFound");
  }
  return PlatformAnswer<GetSigningPlatformResponse>(*platform);
}

}  // namespace firmsign::signer
