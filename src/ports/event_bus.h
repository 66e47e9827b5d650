// SPDX-License-Identifier: Apache-2.0
//
// The event bus: what happened, told to whoever listens. Offered by services/events.

#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::ports {

// An EventBridge event (contract 05 §5.1).
struct Event {
  std::string id;           // UUID that grows with the time (MakeOrderedUuid)
  std::string detail_type;  // "Signer Job Status Change"
  std::string source;       // "aws.signer"
  AccountId account;
  Region region;
  Instant time;
  std::vector<std::string> resources;
  std::string detail_json;
};

// Thread safety: safe.
class EventBus {
 public:
  virtual ~EventBus() = default;
  // Adds the event to the caller's transaction; it is delivered after the commit, at least once.
  virtual Expected<void> Announce(db::Transaction& transaction, const Event& event) = 0;
};

}  // namespace firmsign::ports
