// SPDX-License-Identifier: Apache-2.0
//
// events_outbox: one row for each event that was announced. `event` is the whole EventBridge envelope, as it will be
//   sent. `delivered_at` is null until it was.

#include "services/events/schema.h"

namespace firmsign::events {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "events", .number = 1, .sql = R"sql(
CREATE TABLE events_outbox (
  id {TEXT} PRIMARY KEY,
  time {INT} NOT NULL,
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  source {TEXT} NOT NULL,
  detail_type {TEXT} NOT NULL,
  event {TEXT} NOT NULL,
  delivered_at {INT}
);
CREATE INDEX events_outbox_waiting ON events_outbox (time, id) WHERE delivered_at IS NULL;
)sql"},
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::events
