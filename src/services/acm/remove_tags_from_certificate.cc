// SPDX-License-Identifier: Apache-2.0
//
// RemoveTagsFromCertificate: removes tags; one that is given with a value goes only if the value agrees.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::RemoveTagsFromCertificate> RemoveTagsFromCertificate(
    Service& acm, const gateway::Authorized<ops::RemoveTagsFromCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  const auto tags = TagsOf(call.input().tags);
  if (!tags) return aws::Refuse<errors::InvalidTagException>(tags.error());
  auto removed = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(acm.store.RemoveTags(transaction, NameOf(call.facts(), arn), *tags));
    return call.Record(transaction, {});
  });
  if (!removed) return std::unexpected(StoreError<ops::RemoveTagsFromCertificate>(std::move(removed).error(), arn));
  return RemoveTagsFromCertificateResponse{};
}

}  // namespace firmsign::acm
