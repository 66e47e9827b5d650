// SPDX-License-Identifier: Apache-2.0
//
// DescribeCertificate: what a certificate says of itself, where it came from, and which profiles sign with it.

#include <algorithm>

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

void DescribeOrigin(const StoredCertificate& stored, bool is_used, CertificateDetail& detail) {
  detail.type = stored.type;
  detail.renewal_eligibility =
      IsRenewable(stored, is_used) ? RenewalEligibility::kEligible : RenewalEligibility::kIneligible;
  detail.certificate_key_pair_origin = OriginOf(stored);
  // Whoever waits for the names to be validated need not.
  detail.domain_validation_options.emplace();
  for (const std::string& name : detail.subject_alternative_names.value_or(std::vector<std::string>())) {
    detail.domain_validation_options->push_back(
        {.domain_name = name, .validation_status = std::string(DomainStatus::kSuccess)});
  }
  if (stored.type != CertificateType::kPrivate) {
    detail.imported_at = stored.imported_at;
    return;
  }
  detail.issued_at = stored.imported_at;
  detail.certificate_authority_arn = stored.authority_arn;
  detail.options = CertificateOptions{
      .certificate_transparency_logging_preference = std::string(CertificateTransparencyLoggingPreference::kDisabled),
      .export_ = stored.export_option};
  detail.revoked_at = stored.revoked_at;
  if (stored.revoked_at) detail.revocation_reason = stored.revocation_reason;
}

CertificateDetail Describe(const StoredCertificate& stored, const crypto::Certificate& certificate,
                           std::vector<std::string> users, Instant now) {
  const crypto::CertificateInfo& info = certificate.info();
  CertificateDetail detail;
  detail.certificate_arn = stored.arn;
  detail.domain_name = DomainNameOf(info);
  if (auto names = AlternativeNamesOf(info); !names.empty()) detail.subject_alternative_names = std::move(names);
  detail.serial = info.serial_hex_colons;
  detail.subject = info.subject;
  detail.issuer = info.issuer;
  detail.created_at = stored.created_at;
  detail.status = StatusOf(stored, info, now);
  detail.not_before = info.not_before;
  detail.not_after = info.not_after;
  // The live service writes a hyphen in this answer, against its own model: RSA-2048, EC-prime256v1.
  detail.key_algorithm = KeyAlgorithmName(certificate.public_key().kind()).value_or("");
  std::ranges::replace(*detail.key_algorithm, '_', '-');
  detail.signature_algorithm = info.signature_algorithm;
  DescribeOrigin(stored, !users.empty(), detail);
  detail.in_use_by = std::move(users);
  for (std::string& name : KeyUsageNames(info)) {
    if (!detail.key_usages) detail.key_usages.emplace();
    detail.key_usages->push_back({.name = std::move(name)});
  }
  for (auto& purpose : PurposesOf(info)) {
    if (!detail.extended_key_usages) detail.extended_key_usages.emplace();
    ExtendedKeyUsage usage{.name = std::move(purpose.name)};
    if (!purpose.oid.empty()) usage.oid = std::move(purpose.oid);
    detail.extended_key_usages->push_back(std::move(usage));
  }
  return detail;
}

}  // namespace

aws::Result<ops::DescribeCertificate> DescribeCertificate(Service& acm,
                                                          const gateway::Authorized<ops::DescribeCertificate>& call) {
  const std::string& arn = call.input().certificate_arn;
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto stored = acm.store.Get(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<ops::DescribeCertificate>(std::move(stored).error(), arn));
  auto certificate = crypto::Certificate::FromPem(stored->certificate_pem);
  if (!certificate) return std::unexpected(Error{Code::kCorrupt, "the stored certificate of " + arn + " is damaged"});
  ASSIGN_OR_RETURN(auto users, acm.users.ByCertificate(call.facts().account(), call.facts().region));
  return DescribeCertificateResponse{.certificate =
                                         Describe(*stored, *certificate, std::move(users[arn]), call.facts().now)};
}

}  // namespace firmsign::acm
