// SPDX-License-Identifier: Apache-2.0
//
// Profiles and their permissions; jobs are in store_jobs.cc, their lists in store_listing.cc.

#include "services/signer/store.h"

#include "services/signer/store_rows.h"

namespace firmsign::signer {

using internal::ReadProfile;
using internal::WriteMap;

namespace {

// Compares and sets: whoever read an older policy than the one that is there changes nothing.
Expected<void> ChangeRevision(db::Transaction& transaction, const Profile& p, std::string_view revision) {
  return transaction.PostChange(
      "UPDATE signer_profiles SET policy_revision = $1 WHERE account = $2 AND region = $3 AND name = $4 AND "
      "policy_revision = $5 AND status = 'Active'",
      revision, p.account.str(), p.region.str(), p.name.str(), p.policy_revision);
}

}  // namespace

Expected<void> Store::InsertProfile(db::Transaction& transaction, const Profile& p) {
  ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      transaction.Execute(
          "INSERT INTO signer_profiles (" FIRMSIGN_PROFILE_COLUMNS
          ", changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
          "NULL, NULL, '', '', $14) ON CONFLICT (account, region, name) DO NOTHING",
          p.account.str(), p.region.str(), p.name.str(), p.version.str(), p.platform_id, p.certificate_arn,
          p.overrides.encryption_algorithm, p.overrides.hash_algorithm, p.overrides.image_format,
          WriteMap(p.parameters), WriteMap(p.tags), p.status, p.status_reason, p.created_at,
          p.validity ? p.validity->value : 0, p.validity ? std::string_view(p.validity->type) : std::string_view()));
  if (inserted == 0) return Fail(Code::kConflict, "profile " + p.name.str() + " exists");
  return {};
}

Expected<bool> Store::CancelProfile(db::Transaction& transaction, const Profile& p, std::string_view reason,
                                    std::string_view revision, Instant now) {
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      transaction.Execute("UPDATE signer_profiles SET status = 'Canceled', status_reason = $1, changed_at = $2, "
                          "canceled_at = $2, policy_revision = CASE WHEN policy_revision = '' THEN '' ELSE $3 END "
                          "WHERE account = $4 AND region = $5 AND name = $6 AND status = 'Active'",
                          reason, now, revision, p.account.str(), p.region.str(), p.name.str()));
  return changed == 1;
}

Expected<bool> Store::RevokeProfile(db::Transaction& transaction, const Profile& p, std::string_view reason,
                                    const ProfileRevocation& revocation) {
  // A revoked profile is kept: its revocation has to be answered for as long as anybody holds a signature of it.
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute(
                       "UPDATE signer_profiles SET status = 'Revoked', status_reason = $1, changed_at = $2, "
                       "canceled_at = NULL, revoked_at = $2, revoked_from = $3, revoked_by = $4 WHERE account = $5 "
                       "AND region = $6 AND name = $7 AND version = $8 AND (revoked_from IS NULL OR revoked_from > $3)",
                       reason, revocation.revoked_at, revocation.effective_from, revocation.revoked_by, p.account.str(),
                       p.region.str(), p.name.str(), p.version.str()));
  return changed == 1;
}

Expected<void> Store::ReplaceTags(db::Transaction& transaction, const Profile& p, const StringMap& tags) {
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE signer_profiles SET tags = $1 WHERE account = $2 AND region = $3 AND "
                                       "name = $4 AND version = $5 AND tags = $6",
                                       WriteMap(tags), p.account.str(), p.region.str(), p.name.str(), p.version.str(),
                                       WriteMap(p.tags)));
  if (changed == 0) return Fail(Code::kConflict, "the tags of profile " + p.name.str() + " have changed");
  return {};
}

Expected<std::vector<Profile>> Store::DeleteCanceledProfiles(db::Transaction& transaction, Instant before, int limit) {
  std::vector<Profile> deleted;
  RETURN_IF_ERROR(transaction.Query(
      "DELETE FROM signer_profiles WHERE (account, region, name) IN (SELECT account, region, name FROM signer_profiles "
      "WHERE canceled_at < $1 ORDER BY canceled_at LIMIT $2) AND canceled_at < $1 RETURNING " FIRMSIGN_PROFILE_COLUMNS,
      [&](const db::Row& row) { deleted.push_back(ReadProfile(row)); }, before, limit));
  for (const Profile& p : deleted) {
    RETURN_IF_ERROR(
        transaction.Post("DELETE FROM signer_permissions WHERE account = $1 AND region = $2 AND profile_name = $3",
                         p.account.str(), p.region.str(), p.name.str()));
  }
  return deleted;
}

Expected<std::optional<Profile>> Store::FindProfile(const AccountId& account, const Region& region,
                                                    const ProfileName& name) {
  std::optional<Profile> profile;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    profile.reset();
    return reader.Query(
        "SELECT " FIRMSIGN_PROFILE_COLUMNS " FROM signer_profiles WHERE account = $1 AND region = $2 AND name = $3",
        [&](const db::Row& row) { profile = ReadProfile(row); }, account.str(), region.str(), name.str());
  }));
  return profile;
}

Expected<std::map<std::string, std::vector<ProfileName>>> Store::ProfilesByCertificate(const AccountId& account,
                                                                                       const Region& region) {
  std::map<std::string, std::vector<ProfileName>> found;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    found.clear();
    return reader.Query(
        "SELECT certificate_arn, name FROM signer_profiles WHERE account = $1 AND region = $2 AND status = 'Active' "
        "AND "
        "certificate_arn <> '' ORDER BY name",
        [&](const db::Row& row) { found[row.String(0)].emplace_back(row.Text(1)); }, account.str(), region.str());
  }));
  return found;
}

Expected<std::vector<Profile>> Store::ListProfiles(const ProfileFilter& filter) {
  // A list of statuses as one text, so that the statement is one literal: ",Active,Canceled,".
  std::string statuses = filter.statuses.empty() ? "" : ",";
  for (const std::string& status : filter.statuses) statuses += status + ",";
  std::vector<Profile> profiles;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    profiles.clear();
    return reader.Query(
        "SELECT " FIRMSIGN_PROFILE_COLUMNS
        " FROM signer_profiles WHERE account = $1 AND region = $2 AND name > $3 AND ($4 = '' OR platform_id = $4) AND "
        "($5 = '' OR $5 LIKE '%,' || status || ',%') ORDER BY name LIMIT $6",
        [&](const db::Row& row) { profiles.push_back(ReadProfile(row)); }, filter.account.str(), filter.region.str(),
        filter.after_name, filter.platform_id, statuses, filter.limit);
  }));
  return profiles;
}

Expected<std::optional<Policy>> Store::FindPolicy(const AccountId& account, const Region& region,
                                                  const ProfileName& name) {
  std::optional<Policy> policy;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    policy.reset();
    return reader.Query(
        "SELECT p.policy_revision, s.statement_id, s.action, s.principal, s.profile_version FROM signer_profiles p "
        "JOIN signer_permissions s ON s.account = p.account AND s.region = p.region AND s.profile_name = p.name "
        "WHERE p.account = $1 AND p.region = $2 AND p.name = $3 ORDER BY s.position",
        [&](const db::Row& row) {
          if (!policy) policy = Policy{.revision = row.String(0), .statements = {}};
          policy->statements.push_back({.id = row.String(1),
                                        .action = row.String(2),
                                        .principal = row.String(3),
                                        .profile_version = row.String(4)});
        },
        account.str(), region.str(), name.str());
  }));
  return policy;
}

Expected<void> Store::AddPermission(db::Transaction& transaction, const Profile& p, const Statement& statement,
                                    std::string_view revision) {
  RETURN_IF_ERROR(ChangeRevision(transaction, p, revision));
  return transaction.Post(
      "INSERT INTO signer_permissions (account, region, profile_name, statement_id, position, action, principal, "
      "profile_version) SELECT $1, $2, $3, $4, COALESCE(MAX(position), 0) + 1, $5, $6, $7 FROM signer_permissions "
      "WHERE "
      "account = $1 AND region = $2 AND profile_name = $3",
      p.account.str(), p.region.str(), p.name.str(), statement.id, statement.action, statement.principal,
      statement.profile_version);
}

Expected<void> Store::RemovePermission(db::Transaction& transaction, const Profile& p, std::string_view statement_id,
                                       std::string_view revision) {
  RETURN_IF_ERROR(ChangeRevision(transaction, p, revision));
  return transaction.PostChange(
      "DELETE FROM signer_permissions WHERE account = $1 AND region = $2 AND profile_name = $3 AND statement_id = $4",
      p.account.str(), p.region.str(), p.name.str(), statement_id);
}

}  // namespace firmsign::signer
