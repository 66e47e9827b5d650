// SPDX-License-Identifier: Apache-2.0

#include "services/signer/store.h"

#include <algorithm>

#include "base/check.h"
#include "platform/json/json.h"

namespace firmsign::signer {
namespace {

#define FIRMSIGN_PROFILE_COLUMNS                                                                         \
  "account, region, name, version, platform_id, certificate_arn, encryption_algorithm, hash_algorithm, " \
  "image_format, parameters, tags, status, status_reason, created_at"

#define FIRMSIGN_JOB_COLUMNS                                                                                      \
  "id, owner, invoker, region, requested_by, token, fingerprint, profile_name, profile_version, platform_id, "    \
  "certificate_arn, encryption_algorithm, hash_algorithm, image_format, parameters, source_bucket, source_key, "  \
  "source_version, source_owner, destination_bucket, destination_key, destination_owner, status, status_reason, " \
  "created_at, completed_at, lease_owner, lease_until, fence, source_content"

std::string WriteMap(const StringMap& map) {
  if (map.empty()) return {};
  std::string out;
  json::Writer writer(out);
  writer.BeginObject();
  for (const auto& [name, value] : map) {
    writer.Name(name);
    writer.String(value);
  }
  writer.EndObject();
  return out;
}

// Rows are our own writing, so anything else is damage; it shows as an empty map rather than as a refusal to list.
StringMap ReadMap(std::string_view text) {
  StringMap map;
  if (text.empty()) return map;
  const Expected<json::Value> value = json::Parse(text);
  if (!value || value->AsObject() == nullptr) return map;
  for (const auto& [name, member] : *value->AsObject()) {
    if (member.AsString() != nullptr) map.emplace(name, *member.AsString());
  }
  return map;
}

Profile ReadProfile(const db::Row& row) {
  return {.account = AccountId(row.Text(0)),
          .region = Region(row.Text(1)),
          .name = ProfileName(row.Text(2)),
          .version = ProfileVersion(row.Text(3)),
          .platform_id = row.String(4),
          .certificate_arn = row.String(5),
          .overrides = {.encryption_algorithm = row.String(6),
                        .hash_algorithm = row.String(7),
                        .image_format = row.String(8)},
          .parameters = ReadMap(row.Text(9)),
          .tags = ReadMap(row.Text(10)),
          .status = row.String(11),
          .status_reason = row.String(12),
          .created_at = row.Time(13)};
}

Job ReadJob(const db::Row& row) {
  return {.id = JobId(row.Text(0)),
          .owner = AccountId(row.Text(1)),
          .invoker = AccountId(row.Text(2)),
          .region = Region(row.Text(3)),
          .requested_by = row.String(4),
          .token = row.String(5),
          .fingerprint = row.String(6),
          .profile_name = ProfileName(row.Text(7)),
          .profile_version = ProfileVersion(row.Text(8)),
          .platform_id = row.String(9),
          .certificate_arn = row.String(10),
          .overrides = {.encryption_algorithm = row.String(11),
                        .hash_algorithm = row.String(12),
                        .image_format = row.String(13)},
          .parameters = ReadMap(row.Text(14)),
          .source_bucket = row.String(15),
          .source_key = row.String(16),
          .source_version = row.String(17),
          .source_owner = AccountId(row.Text(18)),
          .source_content = row.String(29),
          .destination_bucket = row.String(19),
          .destination_key = row.String(20),
          .destination_owner = AccountId(row.Text(21)),
          .status = row.String(22),
          .status_reason = row.String(23),
          .created_at = row.Time(24),
          .completed_at = row.OptionalTime(25),
          .lease_owner = row.String(26),
          .lease_until = row.Time(27),
          .fence = row.Int(28)};
}

// A job in progress is told by completed_at here, so that no planner takes the index of the waiting jobs, which grows
// and shrinks all the time, for a way to find one by its id.
constexpr std::string_view kEndJob =
    "UPDATE signer_jobs SET status = $1, status_reason = $2, completed_at = $3, lease_owner = '', lease_until = 0 "
    "WHERE id = $4 AND fence = $5 AND completed_at IS NULL";

// Transactions that lock several jobs do it in one order, so that they wait for each other and never in a circle.
std::vector<JobLease> InOrder(std::span<const JobLease> leases) {
  std::vector<JobLease> sorted(leases.begin(), leases.end());
  std::ranges::sort(sorted, {}, [](const JobLease& lease) -> const std::string& { return lease.id.str(); });
  return sorted;
}

}  // namespace

Expected<void> Store::InsertProfile(db::Transaction& transaction, const Profile& p) {
  ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      transaction.Execute("INSERT INTO signer_profiles (" FIRMSIGN_PROFILE_COLUMNS
                          ", changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
                          "ON CONFLICT (account, region, name) DO NOTHING",
                          p.account.str(), p.region.str(), p.name.str(), p.version.str(), p.platform_id,
                          p.certificate_arn, p.overrides.encryption_algorithm, p.overrides.hash_algorithm,
                          p.overrides.image_format, WriteMap(p.parameters), WriteMap(p.tags), p.status, p.status_reason,
                          p.created_at, p.created_at));
  if (inserted == 0) return Fail(Code::kConflict, "profile " + p.name.str() + " exists");
  return {};
}

Expected<bool> Store::CancelProfile(db::Transaction& transaction, const Profile& p, std::string_view reason,
                                    Instant now) {
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.Execute("UPDATE signer_profiles SET status = 'Canceled', status_reason = $1, "
                                       "changed_at = $2 WHERE account = $3 AND region = $4 AND name = $5 AND "
                                       "status = 'Active'",
                                       reason, now, p.account.str(), p.region.str(), p.name.str()));
  return changed == 1;
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

Expected<void> Store::InsertJob(db::Transaction& transaction, const Job& j) {
  return transaction.PostChange(
      "INSERT INTO signer_jobs (" FIRMSIGN_JOB_COLUMNS
      ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
      "$22, $23, $24, $25, $26, $27, $28, $29, $30 FROM signer_profiles WHERE account = $2 AND region = $4 AND "
      "name = $8 AND version = $9 AND status = 'Active' ON CONFLICT (invoker, region, token) DO NOTHING",
      j.id.str(), j.owner.str(), j.invoker.str(), j.region.str(), j.requested_by, j.token, db::Blob{j.fingerprint},
      j.profile_name.str(), j.profile_version.str(), j.platform_id, j.certificate_arn, j.overrides.encryption_algorithm,
      j.overrides.hash_algorithm, j.overrides.image_format, WriteMap(j.parameters), j.source_bucket,
      db::Blob{j.source_key}, j.source_version, j.source_owner.str(), j.destination_bucket, db::Blob{j.destination_key},
      j.destination_owner.str(), j.status, j.status_reason, j.created_at, j.completed_at, j.lease_owner, j.lease_until,
      j.fence, j.source_content);
}

Expected<std::optional<Job>> Store::FindJob(const JobId& id) {
  std::optional<Job> job;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    job.reset();
    return reader.Query(
        "SELECT " FIRMSIGN_JOB_COLUMNS " FROM signer_jobs WHERE id = $1",
        [&](const db::Row& row) { job = ReadJob(row); }, id.str());
  }));
  return job;
}

Expected<std::optional<Job>> Store::FindJobByToken(const AccountId& invoker, const Region& region,
                                                   std::string_view token) {
  std::optional<Job> job;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    job.reset();
    return reader.Query(
        "SELECT " FIRMSIGN_JOB_COLUMNS " FROM signer_jobs WHERE invoker = $1 AND region = $2 AND token = $3",
        [&](const db::Row& row) { job = ReadJob(row); }, invoker.str(), region.str(), token);
  }));
  return job;
}

Expected<std::vector<Job>> Store::ListJobs(const JobFilter& filter) {
  constexpr Instant kEnd{INT64_MAX};
  const JobPosition after = filter.after.value_or(JobPosition{.created_at = kEnd, .id = ""});
  std::vector<Job> jobs;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    jobs.clear();
    return reader.Query(
        "SELECT " FIRMSIGN_JOB_COLUMNS
        " FROM signer_jobs WHERE owner = $1 AND region = $2 AND (created_at, id) < ($3, $4) AND "
        "($5 = '' OR status = $5) AND ($6 = '' OR platform_id = $6) AND ($7 = '' OR requested_by = $7) AND "
        "($8 = '' OR invoker = $8) ORDER BY created_at DESC, id DESC LIMIT $9",
        [&](const db::Row& row) { jobs.push_back(ReadJob(row)); }, filter.account.str(), filter.region.str(),
        after.created_at, after.id, filter.status, filter.platform_id, filter.requested_by, filter.invoker,
        filter.limit);
  }));
  return jobs;
}

Expected<std::vector<Job>> Store::ClaimJobs(std::string_view node, Instant now, Instant until, int limit) {
  std::vector<Job> jobs;
  RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) {
    jobs.clear();
    return transaction.Query(
        "WITH waiting AS MATERIALIZED (SELECT id FROM signer_jobs WHERE status = 'InProgress' AND lease_until <= $1 "
        "ORDER BY lease_until, id LIMIT $2 {SKIP LOCKED}) "
        "UPDATE signer_jobs SET lease_owner = $3, lease_until = $4, fence = fence + 1 "
        "WHERE id IN (SELECT id FROM waiting) RETURNING " FIRMSIGN_JOB_COLUMNS,
        [&](const db::Row& row) { jobs.push_back(ReadJob(row)); }, now, limit, node, until);
  }));
  return jobs;
}

Expected<void> Store::RenewLeases(std::span<const JobLease> leases, Instant until) {
  return database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (const JobLease& lease : InOrder(leases)) {
      RETURN_IF_ERROR(transaction.Post(
          "UPDATE signer_jobs SET lease_until = $1 WHERE id = $2 AND fence = $3 AND completed_at IS NULL", until,
          lease.id.str(), lease.fence));
    }
    return {};
  });
}

Expected<void> Store::EndAllLeases() {
  return database_.InTransaction([](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(
        transaction.Execute("UPDATE signer_jobs SET lease_owner = '', lease_until = 0 WHERE status = 'InProgress'"));
    return {};
  });
}

Expected<void> Store::ReturnJobs(std::span<const JobLease> leases, Instant at) {
  return database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (const JobLease& lease : InOrder(leases)) {
      RETURN_IF_ERROR(
          transaction.Post("UPDATE signer_jobs SET lease_owner = '', lease_until = $1 WHERE id = $2 AND fence = $3 AND "
                           "completed_at IS NULL",
                           at, lease.id.str(), lease.fence));
    }
    return {};
  });
}

Expected<bool> Store::EndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now) {
  ASSIGN_OR_RETURN(const std::int64_t changed, transaction.Execute(kEndJob, outcome.succeeded ? "Succeeded" : "Failed",
                                                                   outcome.reason, now, job.id.str(), job.fence));
  return changed == 1;
}

Expected<void> Store::PostEndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now) {
  return transaction.PostChange(kEndJob, outcome.succeeded ? "Succeeded" : "Failed", outcome.reason, now, job.id.str(),
                                job.fence);
}

Expected<std::int64_t> Store::CountUnfinishedJobs() {
  std::int64_t count = 0;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) {
    return reader.Query("SELECT COUNT(*) FROM signer_jobs WHERE status = 'InProgress'",
                        [&](const db::Row& row) { count = row.Int(0); });
  }));
  return count;
}

}  // namespace firmsign::signer
