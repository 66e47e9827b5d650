// SPDX-License-Identifier: Apache-2.0

#include "services/acm/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "platform/crypto/certificate_issuer.h"

namespace firmsign::acm {
namespace {

constexpr std::int64_t kRootMonths = 30 * 12;
constexpr Duration kClockTolerance = std::chrono::minutes(5);  // of machines that verify at once

std::string AuthorityContext(std::string_view arn) { return fmt::format("acm/authority/{}", arn); }

Expected<StoredAuthority> MakeAuthority(const Service& acm, const AccountId& account, const Region& region,
                                        Instant now) {
  ASSIGN_OR_RETURN(const crypto::PrivateKey key, crypto::PrivateKey::GenerateEc("secp384r1"));
  ASSIGN_OR_RETURN(crypto::PublicKey public_key, key.Public());
  // The name tells authorities apart in a trust store that holds the roots of several.
  const std::string name = fmt::format("Firmsign Private Root {}", MakeRandomText(acm.random, kAlphanumeric, 8));
  ASSIGN_OR_RETURN(const crypto::Certificate certificate,
                   crypto::IssueSelfSigned({.subject = {.common_name = name, .organization = account.str()},
                                            .public_key = std::move(public_key),
                                            .role = crypto::CertificateRole::kAuthority,
                                            .path_length = 0,
                                            .not_before = now - kClockTolerance,
                                            .not_after = AddMonths(now, kRootMonths)},
                                           crypto::SignWith(key), acm.random));
  StoredAuthority row{.arn = fmt::format("arn:aws:acm-pca:{}:{}:certificate-authority/{}", region.str(), account.str(),
                                         MakeUuid(acm.random)),
                      .account = account,
                      .region = region,
                      .certificate_pem = certificate.ToPem(),
                      .sealed_key = {},
                      .created_at = now};
  row.sealed_key = acm.keyring.Seal(AuthorityContext(row.arn), key.ToPkcs8Der());
  return row;
}

}  // namespace

Expected<PrivateAuthority> NeedAuthority(const Service& acm, const AccountId& account, const Region& region,
                                         Instant now) {
  ASSIGN_OR_RETURN(std::optional<StoredAuthority> row, acm.store.FindAuthority(account, region));
  if (!row) {
    ASSIGN_OR_RETURN(const StoredAuthority made, MakeAuthority(acm, account, region, now));
    RETURN_IF_ERROR(acm.store.database().InTransaction(
        [&](db::Transaction& transaction) { return acm.store.ProposeAuthority(transaction, made); }));
    ASSIGN_OR_RETURN(row, acm.store.FindAuthority(account, region));
    if (!row) return Fail(Code::kInternal, "the authority that was just made is not there");
  }
  auto certificate = crypto::Certificate::FromPem(row->certificate_pem);
  if (!certificate) return Fail(Code::kCorrupt, "the certificate of " + row->arn + " is damaged");
  ASSIGN_OR_RETURN(const SecretBytes der, acm.keyring.Open(AuthorityContext(row->arn), row->sealed_key));
  auto key = crypto::PrivateKey::FromPkcs8Der(der);
  if (!key) return Fail(Code::kCorrupt, "the key of " + row->arn + " is damaged: " + key.error().message);
  return PrivateAuthority{.arn = std::move(row->arn), .certificate = *std::move(certificate), .key = *std::move(key)};
}

Expected<crypto::Certificate> IssueCertificate(const Service& acm, const PrivateAuthority& authority,
                                               const std::vector<std::string>& names, crypto::PublicKey public_key,
                                               Instant now) {
  const crypto::CertificateInfo& issuer = authority.certificate.info();
  const Instant not_after = now + std::chrono::hours(24 * acm.certificate_days);
  if (not_after > issuer.not_after || now < issuer.not_before) {
    return Fail(Code::kUnavailable,
                fmt::format("{} issues nothing that is valid outside of its own time", authority.arn));
  }
  return crypto::IssueCertificate({.subject = {.common_name = names.front(), .organization = {}},
                                   .public_key = std::move(public_key),
                                   .role = crypto::CertificateRole::kCodeSigning,
                                   .dns_names = names,
                                   .path_length = {},
                                   .not_before = std::max(now - kClockTolerance, issuer.not_before),
                                   .not_after = not_after},
                                  authority.certificate, crypto::SignWith(authority.key), acm.random);
}

}  // namespace firmsign::acm
