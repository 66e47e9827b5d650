// SPDX-License-Identifier: Apache-2.0
//
// UpdateCertificateOptions: a requested certificate that could be exported can no longer be. The other way is closed:
// who reads that a key was never given out can rely on it. Certificate transparency has no meaning for a private
// certificate, and is taken and forgotten.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_UpdateCertificateOptions.html

#include "services/acm/change.h"
#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::UpdateCertificateOptions> UpdateCertificateOptions(
    Service& acm, const gateway::Authorized<ops::UpdateCertificateOptions>& call) {
  using Op = ops::UpdateCertificateOptions;
  const std::string& arn = call.input().certificate_arn;
  return ChangeCertificate(
      acm, call, arn, {},
      [&](StoredCertificate& stored,
          UpdateCertificateOptionsResponse&) -> std::expected<void, aws::OperationError<Op>> {
        if (stored.type != CertificateType::kPrivate) {
          return aws::Refuse<errors::InvalidStateException>("Certificate " + arn +
                                                            " was imported, so it has no options.");
        }
        const std::string wanted = call.input().options.export_.value_or(stored.export_option);
        if (wanted == CertificateExport::kEnabled && stored.export_option != CertificateExport::kEnabled) {
          return aws::Refuse<errors::InvalidStateException>(
              "Certificate " + arn + " was requested, or later declared, not to be exported. That stays.");
        }
        stored.export_option = wanted;
        return {};
      });
}

}  // namespace firmsign::acm
