// SPDX-License-Identifier: Apache-2.0
//
// AddTagsToCertificate: adds tags, or replaces their values.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::AddTagsToCertificate> AddTagsToCertificate(
    Service& acm, const gateway::Authorized<ops::AddTagsToCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::InvalidTagException>(tags.error());
  bool is_full = false;
  auto added = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::int64_t count, acm.store.AddTags(transaction, NameOf(call.facts(), arn), *tags));
    is_full = count > kTagsMax;
    if (is_full) return Fail(Code::kExhausted, "the certificate would have too many tags");
    return call.Record(transaction, {});
  });
  if (is_full) return aws::Refuse<errors::TooManyTagsException>(kTooManyTags);
  if (!added) return std::unexpected(StoreError<ops::AddTagsToCertificate>(std::move(added).error(), arn));
  return AddTagsToCertificateResponse{};
}

}  // namespace firmsign::acm
