// SPDX-License-Identifier: Apache-2.0
//
// DescribeCertificate: what a certificate says of itself, and when it was imported.

#include <algorithm>

#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

CertificateDetail Describe(const StoredCertificate& stored, const crypto::Certificate& certificate, Instant now) {
  const crypto::CertificateInfo& info = certificate.info();
  CertificateDetail detail;
  detail.certificate_arn = stored.arn;
  detail.domain_name = DomainNameOf(info);
  if (auto names = AlternativeNamesOf(info); !names.empty()) detail.subject_alternative_names = std::move(names);
  detail.serial = info.serial_hex_colons;
  detail.subject = info.subject;
  detail.issuer = info.issuer;
  detail.created_at = stored.created_at;
  detail.imported_at = stored.imported_at;
  detail.status = StatusOf(info, now);
  detail.not_before = info.not_before;
  detail.not_after = info.not_after;
  // The live service writes a hyphen in this answer, against its own model: RSA-2048, EC-prime256v1.
  detail.key_algorithm = KeyAlgorithmName(certificate.public_key().kind()).value_or("");
  std::ranges::replace(*detail.key_algorithm, '_', '-');
  detail.signature_algorithm = info.signature_algorithm;
  detail.in_use_by.emplace();
  detail.type = CertificateType::kImported;
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
  detail.renewal_eligibility = RenewalEligibility::kIneligible;
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
  return DescribeCertificateResponse{.certificate = Describe(*stored, *certificate, call.facts().now)};
}

}  // namespace firmsign::acm
