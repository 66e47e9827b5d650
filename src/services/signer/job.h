// SPDX-License-Identifier: Apache-2.0
//
// Job: one request to sign one object. It ends Succeeded or Failed, never lost, never done twice.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/signer/profile.h"

namespace firmsign::signer {

// RevokeSignature: this signature is invalid.
struct JobRevocation {
  std::string reason;
  Instant revoked_at;
  std::string revoked_by;  // the caller's ARN
};

struct Job {
  JobId id;
  AccountId owner;    // of the profile; the job lives in this account
  AccountId invoker;  // who called StartSigningJob
  Region region;
  std::string requested_by;  // the caller's ARN
  std::string token;         // clientRequestToken
  std::string fingerprint;   // SHA-256 of the request's parameters: a repeated token must bring the same
  ProfileName profile_name;  // empty: signed directly, as the guide of 2018 shows it
  ProfileVersion profile_version;
  std::string platform_id;
  std::string certificate_arn;  // empty: signed with a key of the deployment's authority
  Overrides overrides;
  StringMap parameters;
  std::string source_bucket;  // empty: the payload came with the call (SignPayload), and so went its signature
  std::string source_key;
  std::string source_version;
  AccountId source_owner;      // of the bucket, as granted
  std::string source_content;  // ports::ObjectFacts::content_id: the very bytes that were to be signed
  std::string destination_bucket;
  std::string destination_key;
  AccountId destination_owner;        // of the bucket, as granted
  std::string status = "InProgress";  // SigningStatus
  std::string status_reason;
  Instant created_at;
  std::optional<Instant> completed_at;
  std::optional<Instant> signature_expires_at;  // absent for platforms whose signatures do not expire
  std::optional<JobRevocation> revocation;

  // Who may finish it: the holder of the lease with this fencing number.
  std::string lease_owner;
  Instant lease_until;
  std::int64_t fence = 0;
  std::int64_t claims = 0;  // how often it was taken up again without an end or a reason: its holder died

  std::string arn() const { return JobArn(owner, region, id); }
  bool has_profile() const { return !profile_name.empty(); }
  bool has_objects() const { return !source_bucket.empty(); }
  bool IsVisibleTo(const AccountId& account) const { return account == owner || account == invoker; }
};

// How a job ended.
struct Outcome {
  bool succeeded = false;
  std::string reason;  // AWS's statusReason
};

}  // namespace firmsign::signer
