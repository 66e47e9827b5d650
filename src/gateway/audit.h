// SPDX-License-Identifier: Apache-2.0
//
// Audit: the CloudTrail record of one call (contract 05 §5.3), and where it goes by the operation's class.

#pragma once

#include "base/random.h"
#include "gateway/call.h"
#include "ports/audit_trail.h"

namespace firmsign::gateway {

struct AuditOptions {
  bool strict_reads = false;  // reads wait until their record is written
  bool data_events = false;   // record S3 object calls
};

// Thread safety: safe.
class Auditor {
 public:
  // `trail` and `random` outlive the auditor.
  Auditor(ports::AuditTrail& trail, Random& random, AuditOptions options)
      : trail_(trail), random_(random), options_(options) {}

  // The record of a call that succeeded, inside the transaction of its change.
  Expected<void> RecordChange(db::Transaction& transaction, const CallFacts& facts, const void* input,
                              const void* output);
  // The record of a call that changed nothing: a read, a refusal (then `error` is set), a repeated request. An error
  // means that the record is demanded and could not be written: the call must not be answered as if it had happened.
  Expected<void> RecordOutcome(const CallFacts& facts, const void* input, const void* output,
                               const aws::ApiError* error, bool is_admitted = true);

 private:
  ports::AuditRecord Make(const CallFacts& facts, const void* input, const void* output, const aws::ApiError* error);

  ports::AuditTrail& trail_;
  Random& random_;
  const AuditOptions options_;
};

}  // namespace firmsign::gateway
