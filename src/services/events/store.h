// SPDX-License-Identifier: Apache-2.0
//
// The store of events that wait to be delivered.

#pragma once

#include <string_view>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::events {

// Adds the envelope of an event, unless one with its id is there. Codes: those of db::Transaction.
Expected<void> InsertEvent(db::Transaction& transaction, std::string_view id, std::string_view envelope);

}  // namespace firmsign::events
