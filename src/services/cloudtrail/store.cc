// SPDX-License-Identifier: Apache-2.0

#include "services/cloudtrail/store.h"

namespace firmsign::cloudtrail {

Expected<void> Store::Insert(db::Transaction& transaction, const ports::AuditRecord& record) {
  return transaction.Post(
      "INSERT INTO cloudtrail_records"
      " (account, region, time, event_id, event_source, event_name, read_only, record)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      record.account.str(), record.region.str(), record.time, record.event_id, record.event_source, record.event_name,
      record.read_only, record.json);
}

Expected<void> Store::InsertUnlessThere(db::Transaction& transaction, const ports::AuditRecord& record) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO cloudtrail_records"
      " (account, region, time, event_id, event_source, event_name, read_only, record)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, region, time, event_id) DO NOTHING",
      record.account.str(), record.region.str(), record.time, record.event_id, record.event_source, record.event_name,
      record.read_only, record.json));
  return {};
}

Expected<std::vector<ports::AuditRecord>> Store::ListRecords(const AccountId& account, const Region& region,
                                                             int limit) {
  std::vector<ports::AuditRecord> records;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) {
    records.clear();
    return reader.Query(
        "SELECT event_id, time, event_source, event_name, read_only, record FROM cloudtrail_records"
        " WHERE account = $1 AND region = $2 ORDER BY time DESC, event_id DESC LIMIT $3",
        [&](const db::Row& row) {
          records.push_back({.event_id = row.String(0),
                             .time = row.Time(1),
                             .account = account,
                             .region = region,
                             .event_source = row.String(2),
                             .event_name = row.String(3),
                             .read_only = row.Int(4) != 0,
                             .json = row.String(5)});
        },
        account.str(), region.str(), limit);
  }));
  return records;
}

}  // namespace firmsign::cloudtrail
