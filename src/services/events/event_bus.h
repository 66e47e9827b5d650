// SPDX-License-Identifier: Apache-2.0
//
// The event bus: an outbox in the database, so that an event exists exactly when what it tells of was committed.

#pragma once

#include <string>

#include "ports/event_bus.h"

namespace firmsign::events {

// The EventBridge envelope (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html).
// `detail_json` of the event is a JSON object and is copied as it is.
std::string FormatEnvelope(const ports::Event& event);

// Thread safety: safe; it has no state of its own.
class EventBus final : public ports::EventBus {
 public:
  // An event that was announced already, by its id, is not announced again. Codes: those of db::Transaction.
  Expected<void> Announce(db::Transaction& transaction, const ports::Event& event) override;
};

}  // namespace firmsign::events
