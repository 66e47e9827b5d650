// SPDX-License-Identifier: Apache-2.0
//
// ListTagsForCertificate: the tags of a certificate, in the order of their keys.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::ListTagsForCertificate> ListTagsForCertificate(
    Service& acm, const gateway::Authorized<ops::ListTagsForCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  return ListTags(acm, call, arn);
}

}  // namespace firmsign::acm
