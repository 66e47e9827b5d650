// SPDX-License-Identifier: Apache-2.0
//
// The store of profiles and jobs.
//
// Every method may also return kUnavailable, kExhausted, kCorrupt or kInternal as the database does. What a Transaction
// overload did is durable when the caller's transaction is.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"
#include "services/signer/job.h"
#include "services/signer/profile.h"

namespace firmsign::signer {

struct ProfileFilter {
  AccountId account;
  Region region;
  std::vector<std::string> statuses;  // empty: all
  std::string platform_id;            // empty: all
  std::string after_name;             // pagination: names greater than this
  int limit = 25;
};

// Where a page of jobs begins: strictly older than this job.
struct JobPosition {
  Instant created_at;
  std::string id;
};

// What a node holds a job by.
struct JobLease {
  JobId id;
  std::int64_t fence = 0;
};

struct JobFilter {
  AccountId account;  // owner
  Region region;
  std::string status;  // empty: all; likewise below
  std::string platform_id;
  std::string requested_by;
  std::string invoker;
  std::optional<JobPosition> after;
  int limit = 25;
};

// Thread safety: safe.
class Store {
 public:
  // `database` outlives the store.
  explicit Store(db::Database& database) : database_(database) {}

  db::Database& database() { return database_; }

  // kConflict: the name is taken, whatever the status of its profile.
  Expected<void> InsertProfile(db::Transaction& transaction, const Profile& profile);
  // Active becomes Canceled. False: it was not Active.
  Expected<bool> CancelProfile(db::Transaction& transaction, const Profile& profile, std::string_view reason,
                               Instant now);
  Expected<std::optional<Profile>> FindProfile(const AccountId& account, const Region& region, const ProfileName& name);
  // In the order of their names.
  Expected<std::vector<Profile>> ListProfiles(const ProfileFilter& filter);

  // Posts the job. kConflict, which may show only with the transaction: the profile is no longer Active, or the token
  // is taken; look again.
  Expected<void> InsertJob(db::Transaction& transaction, const Job& job);
  Expected<std::optional<Job>> FindJob(const JobId& id);
  // The job that this invoker started with this clientRequestToken.
  Expected<std::optional<Job>> FindJobByToken(const AccountId& invoker, const Region& region, std::string_view token);
  // Newest first.
  Expected<std::vector<Job>> ListJobs(const JobFilter& filter);

  // Leases at most `limit` waiting jobs whose lease has ended, oldest lease first, with a new fencing number. Passes
  // over those that another node is claiming or ending at this moment.
  Expected<std::vector<Job>> ClaimJobs(std::string_view node, Instant now, Instant until, int limit);
  // Extends leases, except of jobs that have ended or that another node has claimed meanwhile.
  Expected<void> RenewLeases(std::span<const JobLease> leases, Instant until);
  // Ends every lease now: for the start of the only process that can hold any.
  Expected<void> EndAllLeases();
  // Gives jobs back, to be claimed again at `at`.
  Expected<void> ReturnJobs(std::span<const JobLease> leases, Instant at);
  // Writes how a job ended. False: it has ended already, or another worker holds it now.
  Expected<bool> EndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now);
  // The same, posted: then it is a kConflict, which may show only with the transaction.
  Expected<void> PostEndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now);
  Expected<std::int64_t> CountUnfinishedJobs();

 private:
  db::Database& database_;
};

}  // namespace firmsign::signer
