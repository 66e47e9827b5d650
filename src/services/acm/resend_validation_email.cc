// SPDX-License-Identifier: Apache-2.0
//
// ResendValidationEmail: no certificate here waits for one.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::ResendValidationEmail> ResendValidationEmail(
    Service& acm, const gateway::Authorized<ops::ResendValidationEmail>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto stored = acm.store.Get(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<ops::ResendValidationEmail>(std::move(stored).error(), arn));
  return aws::Refuse<errors::InvalidStateException>("Certificate " + arn +
                                                    " is not pending validation: it is issued as it is requested.");
}

}  // namespace firmsign::acm
