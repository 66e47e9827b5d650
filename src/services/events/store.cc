// SPDX-License-Identifier: Apache-2.0

#include "services/events/store.h"

namespace firmsign::events {

Expected<void> InsertEvent(db::Transaction& transaction, std::string_view id, std::string_view envelope) {
  return transaction.Post("INSERT INTO events_outbox (id, event) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", id,
                          envelope);
}

}  // namespace firmsign::events
