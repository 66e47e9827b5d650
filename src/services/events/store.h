// SPDX-License-Identifier: Apache-2.0
//
// The store of events that wait to be delivered.

#pragma once

#include <string_view>

#include "base/error.h"
#include "platform/db/database.h"
#include "ports/event_bus.h"

namespace firmsign::events {

// Adds an event with its envelope, unless one with its id is there. Codes: those of db::Transaction.
Expected<void> InsertEvent(db::Transaction& transaction, const ports::Event& event, std::string_view envelope);

}  // namespace firmsign::events
