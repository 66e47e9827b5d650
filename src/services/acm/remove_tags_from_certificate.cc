// SPDX-License-Identifier: Apache-2.0
//
// RemoveTagsFromCertificate: removes tags; one that is given with a value goes only if the value agrees.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::RemoveTagsFromCertificate> RemoveTagsFromCertificate(
    Service& acm, const gateway::Authorized<ops::RemoveTagsFromCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::InvalidTagException>(tags.error());
  return RemoveTags(acm, call, arn, *tags);
}

}  // namespace firmsign::acm
