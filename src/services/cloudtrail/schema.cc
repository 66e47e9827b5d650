// SPDX-License-Identifier: Apache-2.0
//
// cloudtrail_records: one row for each audit record, never changed. `record` is the CloudTrail record as JSON; the
// other
//   columns repeat what a search needs. The primary key is the only index, because every call pays for each: within an
//   account and region it grows with the time, so that an insert touches the end of a range, and it serves a search by
//   time, newest first.

#include "services/cloudtrail/schema.h"

namespace firmsign::cloudtrail {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "cloudtrail", .number = 1, .sql = R"sql(
CREATE TABLE cloudtrail_records (
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  time {INT} NOT NULL,
  event_id {TEXT} NOT NULL,
  event_source {TEXT} NOT NULL,
  event_name {TEXT} NOT NULL,
  read_only {INT} NOT NULL,
  record {TEXT} NOT NULL,
  PRIMARY KEY (account, region, time, event_id)
);
)sql"},
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::cloudtrail
