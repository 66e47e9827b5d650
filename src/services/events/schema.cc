// SPDX-License-Identifier: Apache-2.0
//
// events_outbox: one row for each event that was announced and not delivered yet. `event` is the whole EventBridge
// envelope, as it will be sent. Ids grow with the time, so their order is the order of delivery, and the primary key is
// the only index.

#include "services/events/schema.h"

namespace firmsign::events {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "events", .number = 1, .sql = R"sql(
CREATE TABLE events_outbox (
  id {TEXT} PRIMARY KEY,
  event {TEXT} NOT NULL
);
)sql"},
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::events
