// SPDX-License-Identifier: Apache-2.0
//
// ListTagsForResource: the tags of a profile.

#include "services/signer/tags.h"

namespace firmsign::signer {

Resolved<ops::ListTagsForResource> ResolveListTagsForResource(Service& signer, const gateway::CallFacts& facts,
                                                              const ListTagsForResourceRequest& input) {
  return ResolveTagged<ops::ListTagsForResource>(signer, facts, input.resource_arn);
}

aws::Result<ops::ListTagsForResource> ListTagsForResource(Service&,
                                                          const gateway::Authorized<ops::ListTagsForResource>& call) {
  const auto& found = call.resolved<std::optional<Profile>>();
  if (!found) return NothingToTag(call.input().resource_arn);
  return ListTagsForResourceResponse{.tags = found->tags};
}

}  // namespace firmsign::signer
