// SPDX-License-Identifier: Apache-2.0
//
// What the world is told when a job ends: an event (contract 05 §5.1) and an audit record.

#pragma once

#include <string_view>

#include "base/random.h"
#include "ports/audit_trail.h"
#include "ports/event_bus.h"
#include "services/signer/job.h"

namespace firmsign::signer {

ports::Event StatusEvent(const Job& job, const Outcome& outcome, Instant now, Random& random);

// AWS writes none; ours says what was signed, so that an auditor need not trust the job's row. `digest` is empty when
// the job failed.
ports::AuditRecord StatusRecord(const Job& job, const Outcome& outcome, std::string_view digest, Instant now,
                                Random& random);

// That a canceled profile was kept long enough and is gone.
ports::AuditRecord DeletionRecord(const Profile& profile, Instant now, Random& random);

// That the code-signing authority has a new key by itself; `certificate` is its PEM.
ports::AuditRecord KeyRecord(std::string_view name, const AccountId& account, const Region& region,
                             std::string_view certificate, Instant now, Random& random);

}  // namespace firmsign::signer
