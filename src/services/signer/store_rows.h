// SPDX-License-Identifier: Apache-2.0
//
// How rows become profiles and jobs; shared by the files of the store, used by nobody else.

#pragma once

#include <string>
#include <string_view>

#include "platform/db/database.h"
#include "services/signer/job.h"
#include "services/signer/profile.h"

// Statements must be literals (platform/db/database.h), hence macros.
#define FIRMSIGN_PROFILE_COLUMNS                                                                         \
  "account, region, name, version, platform_id, certificate_arn, encryption_algorithm, hash_algorithm, " \
  "image_format, parameters, tags, status, status_reason, created_at, validity_value, validity_type, "   \
  "revoked_at, revoked_from, revoked_by, policy_revision"

#define FIRMSIGN_JOB_COLUMNS                                                                                      \
  "id, owner, invoker, region, requested_by, token, fingerprint, profile_name, profile_version, platform_id, "    \
  "certificate_arn, encryption_algorithm, hash_algorithm, image_format, parameters, source_bucket, source_key, "  \
  "source_version, source_owner, destination_bucket, destination_key, destination_owner, status, status_reason, " \
  "created_at, completed_at, lease_owner, lease_until, fence, source_content, signature_expires_at, revoked_at, " \
  "revoked_by, revocation_reason, claims"

namespace firmsign::signer::internal {

std::string WriteMap(const StringMap& map);

Profile ReadProfile(const db::Row& row);
Job ReadJob(const db::Row& row);

}  // namespace firmsign::signer::internal
