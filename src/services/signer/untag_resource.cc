// SPDX-License-Identifier: Apache-2.0
//
// UntagResource: removes tags from a profile; keys that it does not have are ignored.

#include "services/signer/tags.h"

namespace firmsign::signer {

Resolved<ops::UntagResource> ResolveUntagResource(Service& signer, const gateway::CallFacts& facts,
                                                  const UntagResourceRequest& input) {
  return ResolveTagged<ops::UntagResource>(signer, facts, input.resource_arn);
}

aws::Result<ops::UntagResource> UntagResource(Service& signer, const gateway::Authorized<ops::UntagResource>& call) {
  return ChangeTags(signer, call,
                    [&](StringMap tags) -> std::expected<StringMap, aws::OperationError<ops::UntagResource>> {
                      for (const std::string& key : call.input().tag_keys) tags.erase(key);
                      return tags;
                    });
}

}  // namespace firmsign::signer
