// SPDX-License-Identifier: Apache-2.0
//
// DeleteCertificate: removes a certificate, its private key and its tags.
//
// Signing profiles that name it do not prevent it; jobs that they start afterwards fail.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::DeleteCertificate> DeleteCertificate(Service& acm,
                                                      const gateway::Authorized<ops::DeleteCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto deleted = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(acm.store.Delete(transaction, NameOf(call.facts(), arn)));
    return call.Record(transaction, {});
  });
  if (!deleted) return std::unexpected(StoreError<ops::DeleteCertificate>(std::move(deleted).error(), arn));
  acm.certificates.Forget(arn);
  return DeleteCertificateResponse{};
}

}  // namespace firmsign::acm
