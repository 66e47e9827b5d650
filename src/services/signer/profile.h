// SPDX-License-Identifier: Apache-2.0
//
// Profile: a named choice of platform, certificate, overrides and parameters; what administrators grant.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "services/signer/names.h"

namespace firmsign::signer {

// What a profile or job asks of its platform beyond the default; an empty string means the default.
struct Overrides {
  std::string encryption_algorithm;  // "ECDSA", "RSA"
  std::string hash_algorithm;        // "SHA256"
  std::string image_format;          // "JSONDetached"

  bool empty() const { return encryption_algorithm.empty() && hash_algorithm.empty() && image_format.empty(); }
};

using StringMap = std::map<std::string, std::string>;

// How long signatures hold; platforms whose signatures do not expire have none.
struct Validity {
  std::int64_t value = 0;  // at least 1
  std::string type;        // ValidityType: "DAYS", "MONTHS", "YEARS"

  // When a signature made at `from` expires; whole months and years are counted by the calendar.
  Instant EndOf(Instant from) const;
};

// RevokeSigningProfile: what was signed from `effective_from` on is invalid.
struct ProfileRevocation {
  Instant effective_from;
  Instant revoked_at;
  std::string revoked_by;  // the caller's ARN
};

// Immutable but for its status, tags and permissions: a name is given once and stays taken.
struct Profile {
  AccountId account;
  Region region;
  ProfileName name;
  ProfileVersion version;
  std::string platform_id;
  std::string certificate_arn;  // empty for platforms that sign with a key of the service
  Overrides overrides;
  StringMap parameters;
  StringMap tags;
  std::string status = "Active";  // SigningProfileStatus
  std::string status_reason;
  Instant created_at;
  std::optional<Validity> validity;
  std::optional<ProfileRevocation> revocation;
  std::string policy_revision;  // of its permissions; empty: it has none

  std::string arn() const { return ProfileArn(account, region, name); }
  std::string version_arn() const { return ProfileVersionArn(account, region, name, version); }
};

}  // namespace firmsign::signer
