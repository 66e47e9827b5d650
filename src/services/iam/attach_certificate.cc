// SPDX-License-Identifier: Apache-2.0
//
// AttachCertificate: the operator names a certificate whose private key lies in a hardware token. From then on it is an
// ordinary certificate of ACM.

#include "aws/arn.h"
#include "services/iam/operator_operations.h"

namespace firmsign::iam {

aws::Result<operator_api::ops::AttachCertificate> AttachCertificate(
    Service& iam, const gateway::Authorized<operator_api::ops::AttachCertificate>& call) {
  const operator_api::AttachCertificateRequest& input = call.input();
  operator_api::AttachCertificateResponse output;
  const std::string replaces = input.certificate_arn.value_or("");
  const auto replaced = aws::ParseArn(replaces);
  const Region& home = call.facts().region;
  const Region region(input.region.value_or(replaced ? replaced->region : home.str()));
  if (!IsRegion(region.str())) {
    return aws::Refuse<operator_api::errors::ValidationException>("There is no region of that name.");
  }
  const auto attached = iam.token_certificates.Attach({.account = call.facts().account(),
                                                       .region = region,
                                                       .replaces = replaces,
                                                       .certificate_pem = input.certificate,
                                                       .chain_pem = input.certificate_chain,
                                                       .token = input.token,
                                                       .key_id = input.key_id.value_or(""),
                                                       .key_label = input.key_label.value_or(""),
                                                       .now = call.facts().now},
                                                      [&](db::Transaction& transaction, const std::string& arn) {
                                                        output.certificate_arn = arn;
                                                        return call.Record(transaction, output);
                                                      });
  if (attached) return operator_api::AttachCertificateResponse{.certificate_arn = *attached};
  if (attached.error().code != Code::kInvalid) return std::unexpected(attached.error());
  return aws::Refuse<operator_api::errors::ValidationException>(attached.error().message);
}

}  // namespace firmsign::iam
