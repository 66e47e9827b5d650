// SPDX-License-Identifier: Apache-2.0
//
// TagResource: adds tags, or replaces their values. AddTagsToCertificate with the errors of a later time.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::TagResource> TagResource(Service& acm, const gateway::Authorized<ops::TagResource>& call) {
  const std::string& arn = call.input().resource_arn;
  if (!IsCertificateArn(arn)) return aws::Refuse<errors::ValidationException>(BadArnMessage(arn));
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::ValidationException>(tags.error());
  bool is_full = false;
  auto added = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::int64_t count, acm.store.AddTags(transaction, NameOf(call.facts(), arn), *tags));
    is_full = count > kTagsMax;
    if (is_full) return Fail(Code::kExhausted, "the certificate would have too many tags");
    return call.Record(transaction, {});
  });
  if (is_full) return aws::Refuse<errors::ServiceQuotaExceededException>(kTooManyTags);
  if (!added) return std::unexpected(StoreError<ops::TagResource>(std::move(added).error(), arn));
  return TagResourceResponse{};
}

}  // namespace firmsign::acm
