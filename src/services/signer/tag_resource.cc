// SPDX-License-Identifier: Apache-2.0
//
// TagResource: adds tags to a profile, and replaces the values of those that it has.

#include "services/signer/tags.h"

namespace firmsign::signer {

Resolved<ops::TagResource> ResolveTagResource(Service& signer, const gateway::CallFacts& facts,
                                              const TagResourceRequest& input) {
  return ResolveTagged<ops::TagResource>(signer, facts, input.resource_arn);
}

aws::Result<ops::TagResource> TagResource(Service& signer, const gateway::Authorized<ops::TagResource>& call) {
  return ChangeTags(signer, call,
                    [&](StringMap tags) -> std::expected<StringMap, aws::OperationError<ops::TagResource>> {
                      for (const auto& [key, value] : call.input().tags) tags.insert_or_assign(key, value);
                      if (tags.size() > kTagsMax)
                        return aws::Refuse<errors::BadRequestException>(std::string(kTooManyTags));
                      return tags;
                    });
}

}  // namespace firmsign::signer
