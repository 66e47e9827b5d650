// SPDX-License-Identifier: Apache-2.0
//
// The store of certificates and their tags.
//
// Every method may also return kUnavailable, kExhausted, kCorrupt or kInternal as the database does. What a method with
// a Transaction did is durable when the caller's transaction is. A certificate of another account or region is absent.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::acm {

struct StoredCertificate {
  std::string arn;
  AccountId account;
  Region region;
  std::string certificate_pem;
  std::string chain_pem;   // empty: imported without a chain
  std::string sealed_key;  // PKCS#8 DER, sealed by the Keyring; empty: the key lies in a token
  Instant created_at;
  Instant imported_at;  // or issued, if it was requested
  std::int64_t version = 1;

  std::string type = "IMPORTED";           // or PRIVATE: requested here
  std::string authority_arn;               // that issued it, if it was requested
  std::string export_option = "DISABLED";  // whether a requested one may be exported
  bool is_exported = false;
  std::string request_token;  // the IdempotencyToken
  std::optional<Instant> revoked_at;
  std::string revocation_reason;

  std::string token = {};         // the name of the token that holds the key; empty: sealed_key is it
  std::string token_key_id = {};  // CKA_ID in lower-case hexadecimal
  std::string token_key_label = {};
};

struct StoredAuthority {
  std::string arn;
  AccountId account;
  Region region;
  std::string certificate_pem;
  std::string sealed_key;  // PKCS#8 DER, sealed by the Keyring
  Instant created_at;
};

struct StoredTag {
  std::string key;
  std::optional<std::string> value;
};

// Whose certificate.
struct CertificateName {
  AccountId account;
  Region region;
  std::string arn;
};

// Where a page begins: strictly after this certificate.
struct CertificatePosition {
  Instant created_at;
  std::string arn;
};

// Thread safety: safe.
class Store {
 public:
  // `database` outlives the store.
  explicit Store(db::Database& database) : database_(database) {}

  db::Database& database() const { return database_; }

  // kNotFound.
  Expected<StoredCertificate> Get(const CertificateName& name) const;

  // How many certificates the account has in the region.
  Expected<std::int64_t> Count(db::Reader& reader, const AccountId& account, const Region& region) const;
  // kConflict: the ARN is taken.
  Expected<void> Insert(db::Transaction& transaction, const StoredCertificate& certificate) const;
  // Replaces all that can change. kConflict: it was replaced or deleted since `version` was read.
  Expected<void> Replace(db::Transaction& transaction, const StoredCertificate& certificate) const;
  // With its tags. kNotFound.
  Expected<void> Delete(db::Transaction& transaction, const CertificateName& name) const;
  // A number that rises with every Replace and Delete.
  Expected<std::int64_t> Changes() const;

  // Calls `visit` for one certificate after the other, in the order of creation or against it, until it returns false.
  using Visit = std::function<Expected<bool>(const StoredCertificate& certificate)>;
  Expected<void> Scan(const AccountId& account, const Region& region, const std::optional<CertificatePosition>& after,
                      bool descending, const Visit& visit) const;

  // The newest that was requested with this token since `since`. Two requests of an account and region look one after
  // the other, once it has an authority.
  Expected<std::optional<StoredCertificate>> FindRequested(db::Transaction& transaction, const AccountId& account,
                                                           const Region& region, std::string_view token,
                                                           Instant since) const;

  Expected<std::optional<StoredAuthority>> FindAuthority(const AccountId& account, const Region& region) const;
  // Nothing happens when the account has one in the region.
  Expected<void> ProposeAuthority(db::Transaction& transaction, const StoredAuthority& authority) const;

  // nullopt: never set.
  Expected<std::optional<std::int64_t>> DaysBeforeExpiry(const AccountId& account, const Region& region) const;
  Expected<void> SetDaysBeforeExpiry(db::Transaction& transaction, const AccountId& account, const Region& region,
                                     std::int64_t days) const;

  // Where there are certificates.
  struct Place {
    AccountId account;
    Region region;
  };
  Expected<std::vector<Place>> Places() const;
  // Notes that the event `told` (schema.cc) is sent for a certificate that ends at `not_after`. False: it was already,
  // or the certificate is gone.
  Expected<bool> NoteExpiryEvent(db::Transaction& transaction, const std::string& arn, Instant not_after,
                                 std::int64_t told) const;

  // In the order of their keys. kNotFound: no such certificate.
  Expected<std::vector<StoredTag>> Tags(const CertificateName& name) const;
  // Adds or replaces; how many tags there are then. kNotFound: no such certificate.
  Expected<std::int64_t> AddTags(db::Transaction& transaction, const CertificateName& name,
                                 const std::vector<StoredTag>& tags) const;
  // A tag without value goes whatever its stored value is, one with a value only if that agrees. kNotFound: no such
  // certificate.
  Expected<void> RemoveTags(db::Transaction& transaction, const CertificateName& name,
                            const std::vector<StoredTag>& tags) const;

 private:
  db::Database& database_;
};

}  // namespace firmsign::acm
