// SPDX-License-Identifier: Apache-2.0
//
// The port by which Signer finds certificates and keys, with a cache: opening and parsing a key costs as much as 18
// signatures.

#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/keys/keyring.h"
#include "engine/keys/token_key.h"
#include "ports/certificate_store.h"
#include "services/acm/store.h"

namespace firmsign::acm {

// What a private key's box is bound to.
std::string SealingContext(std::string_view arn);
// kCorrupt: the stored key does not open, or is damaged.
Expected<crypto::PrivateKey> OpenKey(const keys::Keyring& keyring, const StoredCertificate& stored);

struct CertificatesOptions {
  std::size_t entries_max = 1024;  // keys that are kept, the ones used last
  bool is_shared = false;          // other processes may change what is stored
};

// Thread safety: safe.
class Certificates final : public ports::CertificateStore {
 public:
  // `store`, `keyring` and `tokens` outlive this.
  Certificates(const Store& store, const keys::Keyring& keyring, const keys::Tokens& tokens,
               const CertificatesOptions& options = {})
      : store_(store), keyring_(keyring), tokens_(tokens), options_(options) {}

  // One small read when other processes may have changed something, nothing otherwise.
  Expected<void> CatchUp() override;

  Expected<std::shared_ptr<const ports::SigningMaterial>> Find(const AccountId& account, const Region& region,
                                                               std::string_view arn) override;

  // Called after the transaction that replaced or deleted the certificate, before that is answered. From then on Find
  // returns what is stored, also to a caller that was reading the old row meanwhile.
  void Forget(const std::string& arn);

 private:
  struct Entry {
    CertificateName name;
    std::shared_ptr<const ports::SigningMaterial> material;
  };

  std::shared_ptr<const ports::SigningMaterial> FindCached(const CertificateName& name, std::uint64_t& changes);
  void Keep(const CertificateName& name, std::shared_ptr<const ports::SigningMaterial> material, std::uint64_t changes);
  Expected<std::shared_ptr<const ports::SigningMaterial>> Load(const CertificateName& name) const;
  Expected<std::shared_ptr<const keys::SigningKey>> KeyOf(const StoredCertificate& stored,
                                                          const crypto::Certificate& certificate) const;

  const Store& store_;
  const keys::Keyring& keyring_;
  const keys::Tokens& tokens_;
  const CertificatesOptions options_;

  std::mutex mutex_;
  std::list<Entry> entries_;  // last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_arn_;
  std::uint64_t changes_ = 0;       // how often something was forgotten
  std::int64_t changes_seen_ = -1;  // Store::Changes when CatchUp asked last
};

}  // namespace firmsign::acm
