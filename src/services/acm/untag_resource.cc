// SPDX-License-Identifier: Apache-2.0
//
// UntagResource: removes tags by their keys. One that is not there is none that remains.

#include "services/acm/operations.h"
#include "services/acm/tag_changes.h"

namespace firmsign::acm {

aws::Result<ops::UntagResource> UntagResource(Service& acm, const gateway::Authorized<ops::UntagResource>& call) {
  const std::string& arn = call.input().resource_arn;
  if (!IsCertificateArn(arn)) return aws::Refuse<errors::ValidationException>(BadArnMessage(arn));
  std::vector<StoredTag> tags;
  for (const std::string& key : call.input().tag_keys) tags.push_back({.key = key, .value = {}});
  return RemoveTags(acm, call, arn, tags);
}

}  // namespace firmsign::acm
