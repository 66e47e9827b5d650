// SPDX-License-Identifier: Apache-2.0
//
// GetSigningPlatform: one row of the catalogue.

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/platform_answer.h"

namespace firmsign::signer {

aws::Result<ops::GetSigningPlatform> GetSigningPlatform(Service& signer,
                                                        const gateway::Authorized<ops::GetSigningPlatform>& call) {
  const signing::Platform* platform = signing::FindPlatform(call.input().platform_id);
  if (platform == nullptr) return NoSuchPlatform(call.input().platform_id);
  return PlatformAnswer<GetSigningPlatformResponse>(*platform, signer.options);
}

}  // namespace firmsign::signer
