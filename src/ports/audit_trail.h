// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: who did what. Offered by services/cloudtrail.

#pragma once

#include <string>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::ports {

struct AuditRecord {
  std::string event_id;  // UUID
  Instant time;
  AccountId account;
  Region region;
  std::string event_source;  // "signer.amazonaws.com"
  std::string event_name;    // "StartSigningJob"
  bool read_only = false;
  std::string json;  // the CloudTrail record (contract 05 §5.3)
};

// Thread safety: safe.
class AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  // Adds the record to the caller's transaction: no record, no change.
  virtual Expected<void> Write(db::Transaction& transaction, const AuditRecord& record) = 0;
  // Writes the record in a transaction of its own and waits for it.
  virtual Expected<void> WriteAlone(const AuditRecord& record) = 0;
  // For reads: written within a second, and at shutdown. A record that cannot be kept is counted and logged.
  virtual void Queue(AuditRecord record) = 0;
};

}  // namespace firmsign::ports
