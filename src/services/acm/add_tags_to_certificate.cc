// SPDX-License-Identifier: Apache-2.0
//
// AddTagsToCertificate: adds tags, or replaces their values.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::AddTagsToCertificate> AddTagsToCertificate(
    Service& acm, const gateway::Authorized<ops::AddTagsToCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::InvalidTagException>(tags.error());
  return AddTags<errors::TooManyTagsException>(acm, call, arn, *tags);
}

}  // namespace firmsign::acm
