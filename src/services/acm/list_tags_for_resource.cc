// SPDX-License-Identifier: Apache-2.0
//
// ListTagsForResource: ListTagsForCertificate with the errors of a later time.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::ListTagsForResource> ListTagsForResource(Service& acm,
                                                          const gateway::Authorized<ops::ListTagsForResource>& call) {
  const std::string& arn = call.input().resource_arn;
  if (!IsCertificateArn(arn)) return aws::Refuse<errors::ValidationException>(BadArnMessage(arn));
  return ListTags(acm, call, arn);
}

}  // namespace firmsign::acm
