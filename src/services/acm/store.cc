// SPDX-License-Identifier: Apache-2.0

#include "services/acm/store.h"

#include <limits>

namespace firmsign::acm {
namespace {

// How many rows Scan fetches at a time: a page of the default size in one query, few enough to hold.
constexpr std::int64_t kScanRows = 100;

// Certificates, in the order of CertificateOf.
std::string Select(std::string_view rest) {
  return "SELECT arn, account, region, certificate, chain, sealed_key, created_at, imported_at, version, type, "
         "authority_arn, export_option, is_exported, request_token, revoked_at, revocation_reason, token, "
         "token_key_id, token_key_label FROM "
         "acm_certificates " +
         std::string(rest);
}

StoredCertificate CertificateOf(const db::Row& row) {
  return {.arn = row.String(0),
          .account = AccountId(row.Text(1)),
          .region = Region(row.Text(2)),
          .certificate_pem = row.String(3),
          .chain_pem = row.String(4),
          .sealed_key = row.String(5),
          .created_at = row.Time(6),
          .imported_at = row.Time(7),
          .version = row.Int(8),
          .type = row.String(9),
          .authority_arn = row.String(10),
          .export_option = row.String(11),
          .is_exported = row.Int(12) != 0,
          .request_token = row.String(13),
          .revoked_at = row.OptionalTime(14),
          .revocation_reason = row.String(15),
          .token = row.String(16),
          .token_key_id = row.String(17),
          .token_key_label = row.String(18)};
}

Expected<void> RequireCertificate(db::Reader& reader, const CertificateName& name) {
  bool found = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT 1 FROM acm_certificates WHERE arn = $1 AND account = $2 AND region = $3",
      [&](const db::Row&) { found = true; }, name.arn, name.account.str(), name.region.str()));
  return found ? Expected<void>() : Fail(Code::kNotFound, "no such certificate");
}

// Last in its transaction: the row is locked until the commit.
Expected<void> CountChange(db::Transaction& transaction) {
  RETURN_IF_ERROR(transaction.Execute("UPDATE acm_changes SET number = number + 1"));
  return {};
}

}  // namespace

Expected<StoredCertificate> Store::Get(const CertificateName& name) const {
  std::optional<StoredCertificate> found;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    found.reset();
    return reader.Query(
        Select("WHERE arn = $1 AND account = $2 AND region = $3"),
        [&](const db::Row& row) { found = CertificateOf(row); }, name.arn, name.account.str(), name.region.str());
  }));
  if (!found) return Fail(Code::kNotFound, "no such certificate");
  return *std::move(found);
}

Expected<std::int64_t> Store::Count(db::Reader& reader, const AccountId& account, const Region& region) const {
  std::int64_t count = 0;
  RETURN_IF_ERROR(reader.Query(
      "SELECT COUNT(*) FROM acm_certificates WHERE account = $1 AND region = $2",
      [&](const db::Row& row) { count = row.Int(0); }, account.str(), region.str()));
  return count;
}

Expected<void> Store::Insert(db::Transaction& transaction, const StoredCertificate& certificate) const {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO acm_certificates "
      "(arn, account, region, certificate, chain, sealed_key, created_at, imported_at, version, "
      "type, authority_arn, export_option, request_token, token, token_key_id, token_key_label) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
      certificate.arn, certificate.account.str(), certificate.region.str(), certificate.certificate_pem,
      certificate.chain_pem, db::Blob{certificate.sealed_key}, certificate.created_at, certificate.imported_at,
      certificate.version, certificate.type, certificate.authority_arn, certificate.export_option,
      certificate.request_token, certificate.token, certificate.token_key_id, certificate.token_key_label));
  return {};
}

Expected<void> Store::Replace(db::Transaction& transaction, const StoredCertificate& certificate) const {
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      transaction.Execute(
          "UPDATE acm_certificates SET certificate = $1, chain = $2, sealed_key = $3, imported_at = $4, "
          "export_option = $5, is_exported = $6, revoked_at = $7, revocation_reason = $8, token = $9, "
          "token_key_id = $10, token_key_label = $11, version = version + 1 "
          "WHERE arn = $12 AND account = $13 AND region = $14 AND version = $15",
          certificate.certificate_pem, certificate.chain_pem, db::Blob{certificate.sealed_key}, certificate.imported_at,
          certificate.export_option, static_cast<std::int64_t>(certificate.is_exported), certificate.revoked_at,
          certificate.revocation_reason, certificate.token, certificate.token_key_id, certificate.token_key_label,
          certificate.arn, certificate.account.str(), certificate.region.str(), certificate.version));
  if (changed != 1) return Fail(Code::kConflict, "the certificate changed meanwhile");
  return CountChange(transaction);
}

Expected<void> Store::Delete(db::Transaction& transaction, const CertificateName& name) const {
  ASSIGN_OR_RETURN(const std::int64_t deleted,
                   transaction.Execute("DELETE FROM acm_certificates WHERE arn = $1 AND account = $2 AND region = $3",
                                       name.arn, name.account.str(), name.region.str()));
  if (deleted == 0) return Fail(Code::kNotFound, "no such certificate");
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM acm_tags WHERE arn = $1", name.arn));
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM acm_expiry_events WHERE arn = $1", name.arn));
  return CountChange(transaction);
}

Expected<std::int64_t> Store::Changes() const {
  std::int64_t number = 0;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    return reader.Query("SELECT number FROM acm_changes", [&](const db::Row& row) { number = row.Int(0); });
  }));
  return number;
}

Expected<void> Store::Scan(const AccountId& account, const Region& region,
                           const std::optional<CertificatePosition>& after, bool descending, const Visit& visit) const {
  // A read for each run of rows: visiting takes long, and a read may run more than once.
  CertificatePosition position;
  position.created_at.micros =
      descending ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
  if (after) position = *after;
  while (true) {
    std::vector<StoredCertificate> rows;
    const auto keep = [&](const db::Row& row) { rows.push_back(CertificateOf(row)); };
    RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
      rows.clear();
      return descending ? reader.Query(Select("WHERE account = $1 AND region = $2 AND (created_at, arn) < ($3, $4) "
                                              "ORDER BY created_at DESC, arn DESC LIMIT $5"),
                                       keep, account.str(), region.str(), position.created_at, position.arn, kScanRows)
                        : reader.Query(Select("WHERE account = $1 AND region = $2 AND (created_at, arn) > ($3, $4) "
                                              "ORDER BY created_at, arn LIMIT $5"),
                                       keep, account.str(), region.str(), position.created_at, position.arn, kScanRows);
    }));
    for (const StoredCertificate& row : rows) {
      ASSIGN_OR_RETURN(const bool go_on, visit(row));
      if (!go_on) return {};
    }
    if (rows.size() < static_cast<std::size_t>(kScanRows)) return {};
    position = {.created_at = rows.back().created_at, .arn = rows.back().arn};
  }
}

Expected<std::optional<StoredCertificate>> Store::FindRequested(db::Transaction& transaction, const AccountId& account,
                                                                const Region& region, std::string_view token,
                                                                Instant since) const {
  std::optional<StoredCertificate> found;
  // Locks the row.
  RETURN_IF_ERROR(transaction.Execute("UPDATE acm_authorities SET arn = arn WHERE account = $1 AND region = $2",
                                      account.str(), region.str()));
  RETURN_IF_ERROR(transaction.Query(
      Select("WHERE account = $1 AND region = $2 AND request_token = $3 AND request_token <> '' AND created_at > $4 "
             "ORDER BY created_at DESC LIMIT 1"),
      [&](const db::Row& row) { found = CertificateOf(row); }, account.str(), region.str(), token, since));
  return found;
}

Expected<std::optional<StoredAuthority>> Store::FindAuthority(const AccountId& account, const Region& region) const {
  std::optional<StoredAuthority> found;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    found.reset();
    return reader.Query(
        "SELECT arn, certificate, sealed_key, created_at FROM acm_authorities WHERE account = $1 AND region = $2",
        [&](const db::Row& row) {
          found = StoredAuthority{.arn = row.String(0),
                                  .account = account,
                                  .region = region,
                                  .certificate_pem = row.String(1),
                                  .sealed_key = row.String(2),
                                  .created_at = row.Time(3)};
        },
        account.str(), region.str());
  }));
  return found;
}

Expected<void> Store::ProposeAuthority(db::Transaction& transaction, const StoredAuthority& authority) const {
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO acm_authorities (account, region, arn, certificate, sealed_key, created_at) "
                          "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, region) DO NOTHING",
                          authority.account.str(), authority.region.str(), authority.arn, authority.certificate_pem,
                          db::Blob{authority.sealed_key}, authority.created_at));
  return {};
}

Expected<std::optional<std::int64_t>> Store::DaysBeforeExpiry(const AccountId& account, const Region& region) const {
  std::optional<std::int64_t> days;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    days.reset();
    return reader.Query(
        "SELECT days_before_expiry FROM acm_configurations WHERE account = $1 AND region = $2",
        [&](const db::Row& row) { days = row.Int(0); }, account.str(), region.str());
  }));
  return days;
}

Expected<void> Store::SetDaysBeforeExpiry(db::Transaction& transaction, const AccountId& account, const Region& region,
                                          std::int64_t days) const {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO acm_configurations (account, region, days_before_expiry) VALUES ($1, $2, $3) "
      "ON CONFLICT (account, region) DO UPDATE SET days_before_expiry = excluded.days_before_expiry",
      account.str(), region.str(), days));
  return {};
}

Expected<std::vector<Store::Place>> Store::Places() const {
  std::vector<Place> places;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    places.clear();
    return reader.Query("SELECT DISTINCT account, region FROM acm_certificates ORDER BY account, region",
                        [&](const db::Row& row) {
                          places.push_back({.account = AccountId(row.Text(0)), .region = Region(row.Text(1))});
                        });
  }));
  return places;
}

Expected<bool> Store::NoteExpiryEvent(db::Transaction& transaction, const std::string& arn, Instant not_after,
                                      std::int64_t told) const {
  bool exists = false;
  RETURN_IF_ERROR(
      transaction.Query("SELECT 1 FROM acm_certificates WHERE arn = $1", [&](const db::Row&) { exists = true; }, arn));
  if (!exists) return false;
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("INSERT INTO acm_expiry_events (arn, not_after, told) VALUES ($1, $2, $3) "
                                       "ON CONFLICT (arn) DO UPDATE SET not_after = excluded.not_after, told = "
                                       "excluded.told WHERE acm_expiry_events.not_after <> excluded.not_after OR "
                                       "acm_expiry_events.told <> excluded.told",
                                       arn, not_after, told));
  return changed > 0;
}

Expected<std::vector<StoredTag>> Store::Tags(const CertificateName& name) const {
  std::vector<StoredTag> tags;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) -> Expected<void> {
    tags.clear();
    RETURN_IF_ERROR(RequireCertificate(reader, name));
    return reader.Query(
        "SELECT tag_key, tag_value FROM acm_tags WHERE arn = $1 ORDER BY tag_key",
        [&](const db::Row& row) { tags.push_back({.key = row.String(0), .value = row.OptionalString(1)}); }, name.arn);
  }));
  return tags;
}

Expected<std::int64_t> Store::AddTags(db::Transaction& transaction, const CertificateName& name,
                                      const std::vector<StoredTag>& tags) const {
  RETURN_IF_ERROR(RequireCertificate(transaction, name));
  for (const StoredTag& tag : tags) {
    RETURN_IF_ERROR(
        transaction.Execute("INSERT INTO acm_tags (arn, tag_key, tag_value) VALUES ($1, $2, $3) "
                            "ON CONFLICT (arn, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
                            name.arn, tag.key, tag.value));
  }
  std::int64_t count = 0;
  RETURN_IF_ERROR(transaction.Query(
      "SELECT COUNT(*) FROM acm_tags WHERE arn = $1", [&](const db::Row& row) { count = row.Int(0); }, name.arn));
  return count;
}

Expected<void> Store::RemoveTags(db::Transaction& transaction, const CertificateName& name,
                                 const std::vector<StoredTag>& tags) const {
  RETURN_IF_ERROR(RequireCertificate(transaction, name));
  for (const StoredTag& tag : tags) {
    RETURN_IF_ERROR(
        tag.value ? transaction.Execute("DELETE FROM acm_tags WHERE arn = $1 AND tag_key = $2 AND tag_value = $3",
                                        name.arn, tag.key, *tag.value)
                  : transaction.Execute("DELETE FROM acm_tags WHERE arn = $1 AND tag_key = $2", name.arn, tag.key));
  }
  return {};
}

}  // namespace firmsign::acm
