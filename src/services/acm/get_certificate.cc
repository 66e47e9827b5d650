// SPDX-License-Identifier: Apache-2.0
//
// GetCertificate: the PEM text of a certificate and of its chain.

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::GetCertificate> GetCertificate(Service& acm, const gateway::Authorized<ops::GetCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto stored = acm.store.Get(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<ops::GetCertificate>(std::move(stored).error(), arn));
  GetCertificateResponse output{.certificate = std::move(stored->certificate_pem)};
  if (!stored->chain_pem.empty()) output.certificate_chain = std::move(stored->chain_pem);
  return output;
}

}  // namespace firmsign::acm
