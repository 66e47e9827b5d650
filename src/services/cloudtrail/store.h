// SPDX-License-Identifier: Apache-2.0
//
// The store of audit records. All methods pass on the codes of db::Reader.

#pragma once

#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "platform/db/database.h"
#include "ports/audit_trail.h"

namespace firmsign::cloudtrail {

// Thread safety: safe.
class Store {
 public:
  // `database` outlives the store.
  explicit Store(db::Database& database) : database_(database) {}

  db::Database& database() { return database_; }

  // kConflict: this record is there already; a bug, since every call makes a new event id.
  Expected<void> Insert(db::Transaction& transaction, const ports::AuditRecord& record);
  // For a second try, when the first may have been committed without its answer: a record that is there stays.
  Expected<void> InsertUnlessThere(db::Transaction& transaction, const ports::AuditRecord& record);
  // Newest first.
  Expected<std::vector<ports::AuditRecord>> ListRecords(const AccountId& account, const Region& region, int limit);

 private:
  db::Database& database_;
};

}  // namespace firmsign::cloudtrail
