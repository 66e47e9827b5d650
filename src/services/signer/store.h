// SPDX-License-Identifier: Apache-2.0
//
// The store of profiles and jobs.
//
// Every method may also return kUnavailable, kExhausted, kCorrupt or kInternal as the database does. What a Transaction
// overload did is durable when the caller's transaction is.

#pragma once

#include <functional>
#include <map>
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

// A statement of a profile's resource policy.
struct Statement {
  std::string id;               // its Sid
  std::string action;           // "signer:StartSigningJob"
  std::string principal;        // an account id or the ARN of a role, as it was given
  std::string profile_version;  // empty: every version

  friend bool operator==(const Statement&, const Statement&) = default;
};

// What others may do with a profile. A profile without permissions has no policy and no revision.
struct Policy {
  std::string revision;
  std::vector<Statement> statements;  // in the order in which they were added

  friend bool operator==(const Policy&, const Policy&) = default;
};

// Where a page of jobs begins: strictly after this job in the order of the list.
struct JobPosition {
  Instant at;  // what the list is ordered by
  std::string id;

  friend auto operator<=>(const JobPosition&, const JobPosition&) = default;
};

// What a node holds a job by.
struct JobLease {
  JobId id;
  std::int64_t fence = 0;
};

// All that are given must match.
struct JobFilter {
  AccountId account;  // of the profile, or who started the job with another account's profile
  Region region;
  std::string status;  // empty: all; likewise below
  std::string platform_id;
  std::string requested_by;
  std::string invoker;
  std::optional<bool> is_revoked;
  std::optional<Instant> expires_before;  // with either of these, only jobs whose signatures expire
  std::optional<Instant> expires_after;
  std::optional<JobPosition> after;
  int limit = 25;
  int scan_max = 5000;  // jobs that are looked through for a page, when the filters need that

  // By the end of the signature instead of the creation of the job.
  bool is_by_expiry() const { return expires_before.has_value() || expires_after.has_value(); }
};

// A page may be short, even empty, although more follow: what a list looks through at a time is bounded.
struct JobPage {
  std::vector<Job> jobs;
  std::optional<JobPosition> next;  // absent: there are no more
};

// Thread safety: safe.
class Store {
 public:
  // `database` outlives the store.
  explicit Store(db::Database& database) : database_(database) {}

  db::Database& database() { return database_; }

  // kConflict: the name is taken, whatever the status of its profile.
  Expected<void> InsertProfile(db::Transaction& transaction, const Profile& profile);
  // Active becomes Canceled; a policy that it has gets `revision`. False: it was not Active.
  Expected<bool> CancelProfile(db::Transaction& transaction, const Profile& profile, std::string_view reason,
                               std::string_view revision, Instant now);
  // It becomes Revoked, or is revoked from an earlier time than before. False: it is gone, has another version, or was
  // revoked from an earlier time already.
  Expected<bool> RevokeProfile(db::Transaction& transaction, const Profile& profile, std::string_view reason,
                               const ProfileRevocation& revocation);
  // kConflict: the tags are no longer those that `profile` says, or it is gone; look again.
  Expected<void> ReplaceTags(db::Transaction& transaction, const Profile& profile, const StringMap& tags);
  // Removes at most `limit` profiles that were canceled before `before`, with their permissions; what they were.
  Expected<std::vector<Profile>> DeleteCanceledProfiles(db::Transaction& transaction, Instant before, int limit);
  Expected<std::optional<Profile>> FindProfile(const AccountId& account, const Region& region, const ProfileName& name);
  // The names of active profiles, by the certificates that they name.
  Expected<std::map<std::string, std::vector<ProfileName>>> ProfilesByCertificate(const AccountId& account,
                                                                                  const Region& region);
  // In the order of their names.
  Expected<std::vector<Profile>> ListProfiles(const ProfileFilter& filter);

  // nullopt: the profile has no permissions, or is not there.
  Expected<std::optional<Policy>> FindPolicy(const AccountId& account, const Region& region, const ProfileName& name);
  // Gives the policy of `profile` a new revision and adds or removes a statement; nothing happens unless the policy is
  // at profile.policy_revision and the profile is Active: then kConflict, look again. An empty new revision says that
  // the last statement goes.
  Expected<void> AddPermission(db::Transaction& transaction, const Profile& profile, const Statement& statement,
                               std::string_view revision);
  Expected<void> RemovePermission(db::Transaction& transaction, const Profile& profile, std::string_view statement_id,
                                  std::string_view revision);

  // Posts the job. kConflict, which may show only with the transaction: its profile, if it has one, is no longer
  // Active, or the token is taken; look again.
  Expected<void> InsertJob(db::Transaction& transaction, const Job& job);
  Expected<std::optional<Job>> FindJob(const JobId& id);
  // The job that this invoker started with this clientRequestToken.
  Expected<std::optional<Job>> FindJobByToken(const AccountId& invoker, const Region& region, std::string_view token);
  // Newest first; by expiry, those that hold longest first.
  Expected<JobPage> ListJobs(const JobFilter& filter);
  // False: it was revoked before, which is what counts, or is gone.
  Expected<bool> RevokeJob(db::Transaction& transaction, const JobId& id, const JobRevocation& revocation);

  // Leases at most `limit` waiting jobs whose lease has ended, oldest lease first, with a new fencing number. Passes
  // over those that another node is claiming or ending at this moment.
  Expected<std::vector<Job>> ClaimJobs(std::string_view node, Instant now, Instant until, int limit);
  // Extends leases, except of jobs that have ended or that another node has claimed meanwhile.
  Expected<void> RenewLeases(std::span<const JobLease> leases, Instant until);
  // Ends every lease now: for the start of the only process that can hold any.
  Expected<void> EndAllLeases();
  // Gives jobs back, to be claimed again at `at`: the claim that held them does not count.
  Expected<void> ReturnJobs(std::span<const JobLease> leases, Instant at);
  // Writes how a job ended. False: it has ended already, or another worker holds it now; or it would succeed with a
  // profile that was revoked meanwhile (FindProfile tells).
  Expected<bool> EndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now);
  // The same, posted: then it is a kConflict, which may show only with the transaction.
  Expected<void> PostEndJob(db::Transaction& transaction, const Job& job, const Outcome& outcome, Instant now);
  Expected<std::int64_t> CountUnfinishedJobs();

 private:
  db::Database& database_;
};

}  // namespace firmsign::signer
