// SPDX-License-Identifier: Apache-2.0
//
// Jobs: how they come, who works on them, how they end.

#include <algorithm>

#include "base/check.h"
#include "services/signer/store.h"
#include "services/signer/store_rows.h"

namespace firmsign::signer {

using internal::ReadJob;
using internal::WriteMap;

namespace {

#define FIRMSIGN_JOB_VALUES                                                                                    \
  "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, " \
  "$24, $25, $26, $27, $28, $29, $30, $31, NULL, '', '', 0"

constexpr std::string_view kInsertJobOfProfile =
    "INSERT INTO signer_jobs (" FIRMSIGN_JOB_COLUMNS ") SELECT " FIRMSIGN_JOB_VALUES
    " FROM signer_profiles WHERE account = $2 AND region = $4 AND name = $8 AND version = $9 AND status = 'Active' "
    "ON CONFLICT (invoker, region, token) DO NOTHING";
constexpr std::string_view kInsertDirectJob =
    "INSERT INTO signer_jobs (" FIRMSIGN_JOB_COLUMNS ") VALUES (" FIRMSIGN_JOB_VALUES
    ") ON CONFLICT (invoker, region, token) DO NOTHING";

// What was signed for a profile that was revoked meanwhile is not released.
//
// A job in progress is told by completed_at here, so that no planner takes the index of the waiting jobs, which grows
// and shrinks all the time, for a way to find one by its id.
constexpr std::string_view kEndJob =
    "UPDATE signer_jobs SET status = $1, status_reason = $2, completed_at = $3, lease_owner = '', lease_until = 0, "
    "signature_expires_at = CASE WHEN $1 = 'Succeeded' THEN signature_expires_at ELSE NULL END WHERE id = $4 AND fence "
    "= $5 AND completed_at IS NULL AND ($1 <> 'Succeeded' OR NOT EXISTS (SELECT 1 FROM signer_profiles p WHERE "
    "p.account = signer_jobs.owner AND p.region = signer_jobs.region AND p.name = signer_jobs.profile_name AND "
    "p.version = signer_jobs.profile_version AND p.status = 'Revoked'))";

// Transactions that lock several jobs do it in one order, so that they wait for each other and never in a circle.
std::vector<JobLease> InOrder(std::span<const JobLease> leases) {
  std::vector<JobLease> sorted(leases.begin(), leases.end());
  std::ranges::sort(sorted, {}, [](const JobLease& lease) -> const std::string& { return lease.id.str(); });
  return sorted;
}

}  // namespace

Expected<void> Store::InsertJob(db::Transaction& transaction, const Job& j) {
  const auto post = [&](std::string_view sql) {
    return transaction.PostChange(
        sql, j.id.str(), j.owner.str(), j.invoker.str(), j.region.str(), j.requested_by, j.token,
        db::Blob{j.fingerprint}, j.profile_name.str(), j.profile_version.str(), j.platform_id, j.certificate_arn,
        j.overrides.encryption_algorithm, j.overrides.hash_algorithm, j.overrides.image_format, WriteMap(j.parameters),
        j.source_bucket, db::Blob{j.source_key}, j.source_version, j.source_owner.str(), j.destination_bucket,
        db::Blob{j.destination_key}, j.destination_owner.str(), j.status, j.status_reason, j.created_at, j.completed_at,
        j.lease_owner, j.lease_until, j.fence, j.source_content, j.signature_expires_at);
  };
  return post(j.has_profile() ? kInsertJobOfProfile : kInsertDirectJob);
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

Expected<bool> Store::RevokeJob(db::Transaction& transaction, const JobId& id, const JobRevocation& revocation) {
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      transaction.Execute("UPDATE signer_jobs SET revoked_at = $1, revoked_by = $2, revocation_reason = $3 "
                          "WHERE id = $4 AND revoked_at IS NULL",
                          revocation.revoked_at, revocation.revoked_by, revocation.reason, id.str()));
  return changed == 1;
}

Expected<std::vector<Job>> Store::ClaimJobs(std::string_view node, Instant now, Instant until, int limit) {
  std::vector<Job> jobs;
  RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) {
    jobs.clear();
    return transaction.Query(
        "WITH waiting AS MATERIALIZED (SELECT id FROM signer_jobs WHERE status = 'InProgress' AND lease_until <= $1 "
        "ORDER BY lease_until, id LIMIT $2 {SKIP LOCKED}) "
        "UPDATE signer_jobs SET lease_owner = $3, lease_until = $4, fence = fence + 1, claims = claims + 1 "
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
      RETURN_IF_ERROR(transaction.Post(
          "UPDATE signer_jobs SET lease_owner = '', lease_until = $1, claims = CASE WHEN claims > 0 THEN claims - 1 "
          "ELSE 0 END WHERE id = $2 AND fence = $3 AND completed_at IS NULL",
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
