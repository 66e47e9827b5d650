// SPDX-License-Identifier: Apache-2.0

#include "services/signer/authority.h"

#include <fmt/format.h>

#include <chrono>

#include "platform/crypto/certificate_issuer.h"
#include "platform/telemetry/log.h"
#include "services/signer/announcements.h"

namespace firmsign::signer {
namespace {

constexpr std::string_view kCurve = "secp384r1";
constexpr std::string_view kRootContext = "signer/authority/root";
constexpr std::int64_t kRootMonths = 30 * 12;
// As long as the longest signature: 135 months, counted from the last moment at which the key signs.
constexpr std::int64_t kSignatureMonthsMax = 135;
constexpr Duration kClockTolerance = std::chrono::minutes(5);  // of machines that verify a new signature at once

std::string KeyContext(std::int64_t number) { return fmt::format("signer/authority/key/{}", number); }

}  // namespace

Expected<void> Authority::MakeRoot() {
  ASSIGN_OR_RETURN(const std::optional<AuthorityRow> present, store_.FindRoot());
  if (present) return {};
  const Instant now = store_.database().Now();
  ASSIGN_OR_RETURN(const crypto::PrivateKey key, crypto::PrivateKey::GenerateEc(std::string(kCurve)));
  ASSIGN_OR_RETURN(crypto::PublicKey public_key, key.Public());
  // The name tells deployments apart in a trust store that holds the roots of several.
  const std::string name = fmt::format("Firmsign Code Signing Root {}", MakeRandomText(random_, kAlphanumeric, 8));
  ASSIGN_OR_RETURN(const crypto::Certificate certificate,
                   crypto::IssueSelfSigned({.subject = {.common_name = name, .organization = "Firmsign"},
                                            .public_key = std::move(public_key),
                                            .role = crypto::CertificateRole::kAuthority,
                                            .path_length = 0,
                                            .not_before = now - kClockTolerance,
                                            .not_after = AddMonths(now, kRootMonths)},
                                           crypto::SignWith(key), random_));
  const AuthorityRow row{.certificate = certificate.ToPem(),
                         .sealed_key = keyring_.Seal(kRootContext, key.ToPkcs8Der()),
                         .created_at = now};
  return store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const bool is_ours, store_.ProposeRoot(transaction, row));
    if (!is_ours) return {};
    return audit_trail_.Write(transaction, KeyRecord("CodeSigningRootCreation", options_.account, options_.region,
                                                     row.certificate, now, random_));
  });
}

Expected<crypto::Certificate> Authority::Root() {
  ASSIGN_OR_RETURN(const std::optional<AuthorityRow> root, store_.FindRoot());
  if (!root) return Fail(Code::kInternal, "the code-signing authority has no root");
  return crypto::Certificate::FromPem(root->certificate);
}

Expected<std::shared_ptr<const signing::ServiceIdentity>> Authority::Current() {
  const std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(const Key key, Find());
  return key.identity;
}

Expected<Authority::Certificates> Authority::Show() {
  ASSIGN_OR_RETURN(crypto::Certificate root, Root());
  Certificates shown{.root = std::move(root), .signing = {}, .rotates_at = {}};
  ASSIGN_OR_RETURN(const std::optional<AuthorityKeyRow> row, store_.FindNewestKey());
  if (!row) return shown;
  ASSIGN_OR_RETURN(shown.signing, crypto::Certificate::FromPem(row->certificate));
  shown.rotates_at = row->created_at + options_.rotation;
  return shown;
}

Expected<std::string> Authority::Rotate(ports::OldKeys old_keys, const ports::AlsoDo& also) {
  const std::lock_guard lock(mutex_);
  // As they are: a key that was made only to be followed would be the wrong one to revoke.
  ASSIGN_OR_RETURN(const std::optional<AuthorityKeyRow> last, store_.FindNewestKey());
  const Instant now = store_.database().Now();
  ASSIGN_OR_RETURN(const AuthorityKeyRow row, MakeKey(now));
  RETURN_IF_ERROR(store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    if (old_keys == ports::OldKeys::kLastRevoked && last) {
      RETURN_IF_ERROR(store_.RevokeKey(transaction, last->number, now));
    }
    if (old_keys == ports::OldKeys::kAllRevoked) RETURN_IF_ERROR(store_.RevokeAllKeys(transaction, now));
    RETURN_IF_ERROR(store_.InsertKey(transaction, row));
    return also(transaction, row.certificate);
  }));
  key_ = {};
  return row.certificate;
}

bool Authority::MaySign(Instant created_at, Instant now) const {
  return created_at <= now + kClockTolerance && now - created_at < options_.rotation;
}

Expected<Authority::Key> Authority::Find() {
  const Instant now = store_.database().Now();
  const bool is_fresh = now - key_.seen_at < kLookAgain && key_.seen_at <= now;
  if (key_.identity && is_fresh && MaySign(key_.created_at, now)) return key_;
  // At most once more after a new one was issued, by us or by whoever was faster.
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const std::optional<AuthorityKeyRow> row, store_.FindNewestKey());
    if (row && MaySign(row->created_at, now)) {
      if (!key_.identity || row->number != key_.number) {
        ASSIGN_OR_RETURN(key_, Open(*row, now));
      }
      key_.seen_at = now;
      return key_;
    }
    RETURN_IF_ERROR(Issue(now));
  }
  return Fail(Code::kUnavailable, "no key of the code-signing authority could be issued");
}

Expected<Authority::Key> Authority::Open(const AuthorityKeyRow& row, Instant now) const {
  ASSIGN_OR_RETURN(const std::optional<AuthorityRow> root, store_.FindRoot());
  if (!root) return Fail(Code::kInternal, "the code-signing authority has no root");
  auto identity = std::make_shared<signing::ServiceIdentity>();
  ASSIGN_OR_RETURN(crypto::Certificate leaf, crypto::Certificate::FromPem(row.certificate));
  ASSIGN_OR_RETURN(crypto::Certificate root_certificate, crypto::Certificate::FromPem(root->certificate));
  identity->chain = {std::move(leaf), std::move(root_certificate)};
  ASSIGN_OR_RETURN(const SecretBytes der, keyring_.Open(KeyContext(row.number), row.sealed_key));
  ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::FromPkcs8Der(der));
  identity->key = keys::MakeSoftwareKey(std::move(key));
  return Key{.identity = std::move(identity), .number = row.number, .created_at = row.created_at, .seen_at = now};
}

Expected<AuthorityKeyRow> Authority::MakeKey(Instant now) const {
  ASSIGN_OR_RETURN(const std::optional<AuthorityRow> root, store_.FindRoot());
  if (!root) return Fail(Code::kInternal, "the code-signing authority has no root");
  ASSIGN_OR_RETURN(const crypto::Certificate issuer, crypto::Certificate::FromPem(root->certificate));
  if (issuer.info().not_before > now) {
    return Fail(Code::kUnavailable, fmt::format("the code-signing authority begins on {}, which the clock says is to "
                                                "come: set the clock",
                                                FormatIso8601(issuer.info().not_before)));
  }
  ASSIGN_OR_RETURN(const SecretBytes der, keyring_.Open(kRootContext, root->sealed_key));
  ASSIGN_OR_RETURN(const crypto::PrivateKey root_key, crypto::PrivateKey::FromPkcs8Der(der));

  ASSIGN_OR_RETURN(const std::int64_t last, store_.LastNumber());
  const std::int64_t number = last + 1;
  ASSIGN_OR_RETURN(const crypto::PrivateKey key, crypto::PrivateKey::GenerateEc(std::string(kCurve)));
  ASSIGN_OR_RETURN(crypto::PublicKey public_key, key.Public());
  const Instant not_after = AddMonths(now + options_.rotation, kSignatureMonthsMax) + std::chrono::hours(24);
  ASSIGN_OR_RETURN(const crypto::Certificate certificate,
                   crypto::IssueCertificate({.subject = {.common_name = fmt::format("Firmsign Code Signing {}", number),
                                                         .organization = "Firmsign"},
                                             .public_key = std::move(public_key),
                                             .role = crypto::CertificateRole::kCodeSigning,
                                             .path_length = {},
                                             .not_before = std::max(now - kClockTolerance, issuer.info().not_before),
                                             .not_after = std::min(not_after, issuer.info().not_after)},
                                            issuer, crypto::SignWith(root_key), random_));
  return AuthorityKeyRow{.number = number,
                         .certificate = certificate.ToPem(),
                         .hash = signing::RevocationHashes({certificate, issuer}).front(),
                         .sealed_key = keyring_.Seal(KeyContext(number), key.ToPkcs8Der()),
                         .created_at = now};
}

Expected<void> Authority::Issue(Instant now) {
  ASSIGN_OR_RETURN(const AuthorityKeyRow row, MakeKey(now));
  const auto issued = store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store_.InsertKey(transaction, row));
    return audit_trail_.Write(transaction, KeyRecord("CodeSigningKeyIssue", options_.account, options_.region,
                                                     row.certificate, now, random_));
  });
  if (!issued) return issued.error().code == Code::kConflict ? Expected<void>() : issued;
  telemetry::Log(telemetry::Level::kInfo, "authority_key_issued", {{"number", row.number}});
  return {};
}

}  // namespace firmsign::signer
