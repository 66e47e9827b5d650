// SPDX-License-Identifier: Apache-2.0
//
// Job: one request to sign one object. It ends Succeeded or Failed, never lost, never done twice.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/signer/profile.h"

namespace firmsign::signer {

struct Job {
  JobId id;
  AccountId owner;    // of the profile; the job lives in this account
  AccountId invoker;  // who called StartSigningJob
  Region region;
  std::string requested_by;  // the caller's ARN
  std::string token;         // clientRequestToken
  std::string fingerprint;   // SHA-256 of the request's parameters: a repeated token must bring the same
  ProfileName profile_name;
  ProfileVersion profile_version;
  std::string platform_id;
  std::string certificate_arn;
  Overrides overrides;
  StringMap parameters;
  std::string source_bucket;
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

  // Who may finish it: the holder of the lease with this fencing number.
  std::string lease_owner;
  Instant lease_until;
  std::int64_t fence = 0;

  std::string arn() const { return JobArn(owner, region, id); }
  bool IsVisibleTo(const AccountId& account) const { return account == owner || account == invoker; }
};

// How a job ended.
struct Outcome {
  bool succeeded = false;
  std::string reason;  // AWS's statusReason
};

}  // namespace firmsign::signer
