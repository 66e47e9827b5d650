// SPDX-License-Identifier: Apache-2.0

#include "services/events/store.h"

namespace firmsign::events {

Expected<void> InsertEvent(db::Transaction& transaction, const ports::Event& event, std::string_view envelope) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO events_outbox (id, time, account, region, source, detail_type, event, delivered_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, NULL) ON CONFLICT (id) DO NOTHING",
      event.id, event.time, event.account.str(), event.region.str(), event.source, event.detail_type, envelope));
  return {};
}

}  // namespace firmsign::events
