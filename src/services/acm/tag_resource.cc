// SPDX-License-Identifier: Apache-2.0
//
// TagResource: adds tags, or replaces their values. AddTagsToCertificate with the errors of a later time.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::TagResource> TagResource(Service& acm, const gateway::Authorized<ops::TagResource>& call) {
  const std::string& arn = call.input().resource_arn;
  if (!IsCertificateArn(arn)) return aws::Refuse<errors::ValidationException>(BadArnMessage(arn));
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::ValidationException>(tags.error());
  return AddTags<errors::ServiceQuotaExceededException>(acm, call, arn, *tags);
}

}  // namespace firmsign::acm
