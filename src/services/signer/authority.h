// SPDX-License-Identifier: Apache-2.0
//
// The code-signing authority of the deployment: the keys behind the platforms that sign without a certificate of the
// user's, AWSLambda-SHA384-ECDSA and Notation-OCI-SHA384-ECDSA.
//
// A root, made once with the deployment and valid for 30 years, issues a signing key every few months. Certificates of
// signing keys outlive every signature that is made with them, so that they can be verified with any tool. Private keys
// are sealed rows, as those of certificates in ACM are; a root that lies elsewhere is a later step.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/strong.h"
#include "engine/keys/keyring.h"
#include "engine/signing/service_identity.h"
#include "ports/audit_trail.h"
#include "ports/signing_authority.h"
#include "services/signer/authority_store.h"

namespace firmsign::signer {

struct AuthorityOptions {
  Duration rotation = std::chrono::hours(24 * 90);  // how long one key signs
  // Whose audit trail tells of new keys: the operator's account and region.
  AccountId account = {};
  Region region = {};
};

// Thread safety: safe. Lifetime: all four outlive it.
class Authority final : public ports::SigningAuthority {
 public:
  Authority(AuthorityStore& store, const keys::Keyring& keyring, ports::AuditTrail& audit_trail, Random& random,
            AuthorityOptions options = {})
      : store_(store), keyring_(keyring), audit_trail_(audit_trail), random_(random), options_(std::move(options)) {}

  // Makes the root unless it is there; for every start. Of several nodes that start at once, one makes it.
  Expected<void> MakeRoot();

  // The key that signs now; a new one when the last has become old, was revoked, or is of a time that has not come: the
  // clock was set back. Of several nodes one issues it. What other nodes did is seen within kLookAgain. kCorrupt: a
  // stored key does not open. kUnavailable: the clock stands before the root's own time.
  Expected<std::shared_ptr<const signing::ServiceIdentity>> Current();

  struct Certificates {
    crypto::Certificate root;
    std::optional<crypto::Certificate> signing;  // of the key that signed last; absent: nothing was signed yet
    std::optional<Instant> rotates_at;           // when that key is followed by the next
  };
  // Issues nothing.
  Expected<Certificates> Show();

  // Whether a certificate of this authority is revoked, by its name in GetRevocationStatus.
  Expected<bool> IsRevoked(std::string_view hash) { return store_.IsRevoked(hash); }

  Expected<std::string> Rotate(ports::OldKeys old_keys, const ports::AlsoDo& also) override;

  static constexpr Duration kLookAgain = std::chrono::seconds(10);

 private:
  struct Key {
    std::shared_ptr<const signing::ServiceIdentity> identity;
    std::int64_t number = 0;
    Instant created_at;
    Instant seen_at;  // when the store said that it is the newest
  };

  bool MaySign(Instant created_at, Instant now) const;
  Expected<Key> Find();  // with mutex_ held
  Expected<Key> Open(const AuthorityKeyRow& row, Instant now) const;
  Expected<crypto::Certificate> Root();
  Expected<AuthorityKeyRow> MakeKey(Instant now) const;
  Expected<void> Issue(Instant now);

  AuthorityStore& store_;
  const keys::Keyring& keyring_;
  ports::AuditTrail& audit_trail_;
  Random& random_;
  const AuthorityOptions options_;
  std::mutex mutex_;
  Key key_;
};

}  // namespace firmsign::signer
