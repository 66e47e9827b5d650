// SPDX-License-Identifier: Apache-2.0
//
// RevokeCertificate: from here on nothing is signed with a certificate that was requested. Signatures that were made
// before are Signer's to revoke. Asked again, it answers the same; the first reason stays.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RevokeCertificate.html. Signing profiles that name it do not
// prevent it here: a key that is known to somebody else must stop at once.

#include "services/acm/change.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::RevokeCertificate> RevokeCertificate(Service& acm,
                                                      const gateway::Authorized<ops::RevokeCertificate>& call) {
  using Op = ops::RevokeCertificate;
  const std::string& arn = call.input().certificate_arn;
  return ChangeCertificate(
      acm, call, arn, {.certificate_arn = arn},
      [&](StoredCertificate& stored, RevokeCertificateResponse&) -> std::expected<void, aws::OperationError<Op>> {
        if (stored.type != CertificateType::kPrivate) {
          return aws::Refuse<errors::ValidationException>("Certificate " + arn +
                                                          " was imported: its issuer revokes it. Delete it here.");
        }
        if (stored.revoked_at) return {};
        stored.revoked_at = call.facts().now;
        stored.revocation_reason = call.input().revocation_reason;
        return {};
      });
}

}  // namespace firmsign::acm
