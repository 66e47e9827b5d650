// SPDX-License-Identifier: Apache-2.0
//
// For tests: an audit trail that keeps the records of changes as rows of the caller's transaction, and the others in
// memory.

#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "ports/audit_trail.h"

namespace firmsign::ports {

inline constexpr db::Migration kFakeAuditMigration{
    .component = "fake_audit",
    .number = 1,
    .sql = "CREATE TABLE fake_audit (event_name {TEXT} NOT NULL, account {TEXT} NOT NULL, json {TEXT} NOT NULL)"};

// Thread safety: safe; read `alone` and `queued` when nobody writes.
class FakeAuditTrail final : public AuditTrail {
 public:
  struct Row {
    std::string event_name;
    std::string account;
    std::string json;
  };
  // The records of committed changes.
  static std::vector<Row> AllWritten(db::Database& database) {
    std::vector<Row> all;
    const auto read = database.Read([&](db::Reader& reader) {
      all.clear();
      return reader.Query("SELECT event_name, account, json FROM fake_audit",
                          [&](const db::Row& row) { all.push_back({row.String(0), row.String(1), row.String(2)}); });
    });
    CHECK(read.has_value());
    return all;
  }

  std::optional<Error> write_error;  // when set, Write and WriteAlone fail with it
  std::vector<AuditRecord> alone;
  std::vector<AuditRecord> queued;

  Expected<void> Write(db::Transaction& transaction, const AuditRecord& record) override {
    if (write_error) return std::unexpected(*write_error);
    RETURN_IF_ERROR(transaction.Execute("INSERT INTO fake_audit (event_name, account, json) VALUES ($1, $2, $3)",
                                        record.event_name, record.account.str(), record.json));
    return {};
  }
  Expected<void> WriteAlone(const AuditRecord& record) override {
    if (write_error) return std::unexpected(*write_error);
    const std::lock_guard lock(mutex_);
    alone.push_back(record);
    return {};
  }
  void Queue(AuditRecord record) override {
    const std::lock_guard lock(mutex_);
    queued.push_back(std::move(record));
  }

 private:
  std::mutex mutex_;
};

}  // namespace firmsign::ports
