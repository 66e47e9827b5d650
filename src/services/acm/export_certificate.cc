// SPDX-License-Identifier: Apache-2.0
//
// ExportCertificate: a requested certificate with its chain and its private key under a passphrase.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html

#include "services/acm/change.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::ExportCertificate> ExportCertificate(Service& acm,
                                                      const gateway::Authorized<ops::ExportCertificate>& call) {
  using Op = ops::ExportCertificate;
  const std::string& arn = call.input().certificate_arn;
  return ChangeCertificate(
      acm, call, arn, {},
      [&](StoredCertificate& stored,
          ExportCertificateResponse& output) -> std::expected<void, aws::OperationError<Op>> {
        if (stored.type != CertificateType::kPrivate) {
          return aws::Refuse<errors::ValidationException>(
              "Certificate ARN: " + arn + " is not a private certificate. Whoever imported it has the key.");
        }
        if (stored.export_option != CertificateExport::kEnabled) {
          return aws::Refuse<errors::ValidationException>("The options of " + arn + " say that it is not exported.");
        }
        ASSIGN_OR_RETURN(const crypto::PrivateKey key, OpenKey(acm.keyring, stored));
        output.certificate = stored.certificate_pem;
        output.certificate_chain = stored.chain_pem;
        output.private_key = key.ToEncryptedPem(call.input().passphrase);
        stored.is_exported = true;
        return {};
      });
}

}  // namespace firmsign::acm
