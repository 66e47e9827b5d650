// SPDX-License-Identifier: Apache-2.0
//
// ListTagsForResource: the tags of a certificate, in the order of their keys.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::ListTagsForResource> ListTagsForResource(Service& acm,
                                                          const gateway::Authorized<ops::ListTagsForResource>& call) {
  const std::string& arn = call.input().resource_arn;
  if (!IsCertificateArn(arn)) return aws::Refuse<errors::ValidationException>(BadArnMessage(arn));
  auto stored = acm.store.Tags(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<ops::ListTagsForResource>(std::move(stored).error(), arn));
  return ListTagsForResourceResponse{.tags = AnswerOf(*std::move(stored))};
}

}  // namespace firmsign::acm
