// SPDX-License-Identifier: Apache-2.0
//
// RenewCertificate: the same names and the same key for another period. Devices that were given the public key, and
// those that trust the authority, need nothing new.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RenewCertificate.html

#include "services/acm/authority.h"
#include "services/acm/change.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::RenewCertificate> RenewCertificate(Service& acm,
                                                    const gateway::Authorized<ops::RenewCertificate>& call) {
  using Op = ops::RenewCertificate;
  const std::string& arn = call.input().certificate_arn;
  const gateway::CallFacts& facts = call.facts();
  return ChangeCertificate(
      acm, call, arn, {},
      [&](StoredCertificate& stored, RenewCertificateResponse&) -> std::expected<void, aws::OperationError<Op>> {
        ASSIGN_OR_RETURN(const auto users, acm.users.ByCertificate(facts.account(), facts.region));
        if (!IsRenewable(stored, users.contains(arn))) {
          return aws::Refuse<errors::ValidationException>(
              "Certificate " + arn +
              " is not eligible for renewal: it was imported, or was revoked, or is neither "
              "exported nor used by a signing profile.");
        }
        auto before = crypto::Certificate::FromPem(stored.certificate_pem);
        if (!before) return std::unexpected(Error{Code::kCorrupt, "the stored certificate of " + arn + " is damaged"});
        ASSIGN_OR_RETURN(const PrivateAuthority authority,
                         NeedAuthority(acm, facts.account(), facts.region, facts.now));
        ASSIGN_OR_RETURN(
            const crypto::Certificate next,
            IssueCertificate(acm, authority, AlternativeNamesOf(before->info()), before->public_key(), facts.now));
        stored.certificate_pem = next.ToPem();
        stored.imported_at = facts.now;
        return {};
      });
}

}  // namespace firmsign::acm
