// SPDX-License-Identifier: Apache-2.0

#include "services/acm/certificates.h"

#include <utility>

#include "base/encoding.h"

namespace firmsign::acm {

std::string SealingContext(std::string_view arn) { return "acm/private-key/" + std::string(arn); }

Expected<crypto::PrivateKey> OpenKey(const keys::Keyring& keyring, const StoredCertificate& stored) {
  ASSIGN_OR_RETURN(const SecretBytes der, keyring.Open(SealingContext(stored.arn), stored.sealed_key));
  auto key = crypto::PrivateKey::FromPkcs8Der(der);
  if (!key) return Fail(Code::kCorrupt, "the stored private key is damaged: " + key.error().message);
  return *std::move(key);
}

Expected<std::shared_ptr<const ports::SigningMaterial>> Certificates::Find(const AccountId& account,
                                                                           const Region& region, std::string_view arn) {
  const CertificateName name{.account = account, .region = region, .arn = std::string(arn)};
  std::uint64_t changes = 0;
  if (auto cached = FindCached(name, changes)) return cached;
  ASSIGN_OR_RETURN(std::shared_ptr<const ports::SigningMaterial> material, Load(name));
  Keep(name, material, changes);
  return material;
}

Expected<void> Certificates::CatchUp() {
  if (!options_.is_shared) return {};
  ASSIGN_OR_RETURN(const std::int64_t changes, store_.Changes());
  const std::lock_guard lock(mutex_);
  // A slower thread may come with an older number: it saw what it says, and the newer one has been acted upon.
  if (changes <= changes_seen_) return {};
  changes_seen_ = changes;
  ++changes_;
  entries_.clear();
  by_arn_.clear();
  return {};
}

void Certificates::Forget(const std::string& arn) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  const auto found = by_arn_.find(arn);
  if (found == by_arn_.end()) return;
  entries_.erase(found->second);
  by_arn_.erase(found);
}

std::shared_ptr<const ports::SigningMaterial> Certificates::FindCached(const CertificateName& name,
                                                                       std::uint64_t& changes) {
  const std::lock_guard lock(mutex_);
  changes = changes_;
  const auto found = by_arn_.find(name.arn);
  if (found == by_arn_.end()) return nullptr;
  const Entry& entry = *found->second;
  if (entry.name.account != name.account || entry.name.region != name.region) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entry.material;
}

void Certificates::Keep(const CertificateName& name, std::shared_ptr<const ports::SigningMaterial> material,
                        std::uint64_t changes) {
  const std::lock_guard lock(mutex_);
  // Something changed after the row was looked for, so the row may be the one from before: it is used once, not kept.
  if (changes != changes_ || by_arn_.contains(name.arn)) return;
  entries_.push_front({.name = name, .material = std::move(material)});
  by_arn_.emplace(name.arn, entries_.begin());
  if (entries_.size() <= options_.entries_max) return;
  by_arn_.erase(entries_.back().name.arn);
  entries_.pop_back();
}

Expected<std::shared_ptr<const ports::SigningMaterial>> Certificates::Load(const CertificateName& name) const {
  ASSIGN_OR_RETURN(const StoredCertificate stored, store_.Get(name));
  auto certificate = crypto::Certificate::FromPem(stored.certificate_pem);
  if (!certificate) return Fail(Code::kCorrupt, "the stored certificate is damaged: " + certificate.error().message);
  if (stored.revoked_at) return Fail(Code::kDenied, "it was revoked on " + FormatIso8601(*stored.revoked_at));
  ASSIGN_OR_RETURN(std::shared_ptr<const keys::SigningKey> key, KeyOf(stored, *certificate));
  return std::make_shared<const ports::SigningMaterial>(ports::SigningMaterial{
      .certificate_arn = name.arn, .certificate = *std::move(certificate), .key = std::move(key)});
}

Expected<std::shared_ptr<const keys::SigningKey>> Certificates::KeyOf(const StoredCertificate& stored,
                                                                      const crypto::Certificate& certificate) const {
  if (stored.token.empty()) {
    ASSIGN_OR_RETURN(crypto::PrivateKey key, OpenKey(keyring_, stored));
    return keys::MakeSoftwareKey(std::move(key));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<pkcs11::Token> token, tokens_.Find(stored.token));
  const std::optional<std::string> id = DecodeHex(stored.token_key_id);
  if (!id) return Fail(Code::kCorrupt, "the stored id of the token's key is damaged");
  return keys::MakeTokenKey(std::move(token), *id, stored.token_key_label, certificate.public_key().kind());
}

}  // namespace firmsign::acm
