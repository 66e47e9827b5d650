// SPDX-License-Identifier: Apache-2.0
//
// GetCallerIdentity: who the verified signature says the caller is.

#include "services/sts/operations.h"

namespace firmsign::sts {

aws::Result<ops::GetCallerIdentity> GetCallerIdentity(Service&,
                                                      const gateway::Authorized<ops::GetCallerIdentity>& call) {
  const policy::Principal& caller = call.caller();
  return GetCallerIdentityResponse{.user_id = caller.user_id, .account = caller.account.str(), .arn = caller.arn};
}

}  // namespace firmsign::sts
