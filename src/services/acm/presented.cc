// SPDX-License-Identifier: Apache-2.0

#include "services/acm/presented.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/keys/known_keys.h"
#include "services/acm/answers.h"

namespace firmsign::acm {

std::unexpected<Invalid> Refused(std::string message, std::string cause) {
  auto refusal = aws::Refuse<errors::ValidationException>(std::move(message));
  refusal.error().error.cause = std::move(cause);
  return refusal;
}

std::expected<crypto::Certificate, Invalid> ParseCertificate(const Service& acm, std::string_view pem, Instant now) {
  auto certificate = crypto::Certificate::FromPem(pem);
  if (!certificate) {
    return certificate.error().code == Code::kConflict
               ? Refused(
                     "The certificate field contains more than one certificate. You can specify only one "
                     "certificate in this field.")
               : Refused("The certificate is not PEM-encoded or is not valid.", certificate.error().message);
  }
  const crypto::CertificateInfo& info = certificate->info();
  if (info.version != 3) {
    return Refused("The certificate is not PEM-encoded or is not valid.", "it is not X.509 version 3");
  }
  if (!KeyAlgorithmName(certificate->public_key().kind())) {
    return Refused(
        "The certificate's key algorithm is not supported. Use RSA with 1024, 2048, 3072 or 4096 bits, or EC with "
        "prime256v1, secp384r1 or secp521r1.");
  }
  if (info.not_after < now) return Refused("The certificate has expired, is not valid.");
  if (now < info.not_before) return Refused("The certificate is not in effect yet, is not valid.");
  const auto published = keys::WhosePublishedKey(certificate->public_key().Spki());
  if (published && !acm.allow_published_keys) {
    return Refused(
        fmt::format("Everybody has the private key: it is {}. Make one of your own. (For tests the setting "
                    "acm.allow_published_keys lets it in.)",
                    *published));
  }
  return *std::move(certificate);
}

std::expected<std::string, Invalid> ParseChain(const std::optional<std::string>& pem,
                                               const crypto::Certificate& certificate) {
  if (!pem) {
    if (certificate.info().is_self_signed) return std::string();
    return Refused(
        "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or "
        "certificate chain.");
  }
  constexpr const char* kBadChain = "The certificate chain is not PEM-encoded or is not valid.";
  const auto chain = crypto::Certificate::ChainFromPem(*pem);
  if (!chain) return Refused(kBadChain, chain.error().message);
  const std::string leaf = certificate.FingerprintSha256();
  const crypto::Certificate* before = &certificate;
  std::string text;
  for (const crypto::Certificate& next : *chain) {
    if (next.FingerprintSha256() == leaf) {
      return Refused("The certificate chain contains the certificate itself. Leave it out of the chain.");
    }
    if (!before->IsSignedBy(next)) {
      return Refused(kBadChain, fmt::format("{} did not issue {}", next.info().subject, before->info().subject));
    }
    text += next.ToPem();
    before = &next;
  }
  return text;
}

std::optional<std::string> WhyNotReplaceable(const StoredCertificate& stored, const crypto::Certificate& next) {
  if (stored.type != CertificateType::kImported) {
    return "The certificate was requested, so none can be imported in its place. Renew it, or import one anew.";
  }
  const auto before = crypto::Certificate::FromPem(stored.certificate_pem);
  if (!before) return std::nullopt;  // A damaged row is repaired by any import.
  if (before->public_key().kind() != next.public_key().kind()) {
    return "A re-imported certificate must have the same key type and size as the one before.";
  }
  for (const std::string& usage : before->info().key_usages) {
    if (std::ranges::count(next.info().key_usages, usage) == 0) {
      return fmt::format("A re-imported certificate must keep the key usage {} of the one before.", usage);
    }
  }
  for (const auto& purpose : before->info().extended_key_usages) {
    if (std::ranges::count(next.info().extended_key_usages, purpose.oid, &crypto::CertificateInfo::Purpose::oid) == 0) {
      return fmt::format("A re-imported certificate must keep the extended key usage {} of the one before.",
                         purpose.oid);
    }
  }
  return std::nullopt;
}

}  // namespace firmsign::acm
