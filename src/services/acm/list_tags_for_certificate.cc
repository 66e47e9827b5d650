// SPDX-License-Identifier: Apache-2.0
//
// ListTagsForCertificate: the tags of a certificate, in the order of their keys.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::ListTagsForCertificate> ListTagsForCertificate(
    Service& acm, const gateway::Authorized<ops::ListTagsForCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto stored = acm.store.Tags(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<ops::ListTagsForCertificate>(std::move(stored).error(), arn));
  return ListTagsForCertificateResponse{.tags = AnswerOf(*std::move(stored))};
}

}  // namespace firmsign::acm
