// SPDX-License-Identifier: Apache-2.0
//
// Any table, copied and compared a page at a time in the order of its key.
//
// From one database to another, of any drivers: the order is the same on all of them, because text and bytes compare
// bytewise, and numbers as numbers.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"
#include "platform/db/tables.h"

namespace firmsign::db {

// Null, a number, or text or bytes, which the column tells apart.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Record = std::vector<Cell>;  // in the order of Table::columns

// Which records of a table count; empty: all.
using Keeps = std::function<bool(const Record&)>;

// A table with the statements that read and fill it. Outlives whoever uses it: drivers know statements by their
// address.
class TableCopier {
 public:
  // The table has a key.
  explicit TableCopier(Table table, Keeps keeps = {});
  TableCopier(const TableCopier&) = delete;
  TableCopier& operator=(const TableCopier&) = delete;

  const std::string& name() const { return table_.name; }

  // Removes what a migration put into the target's table. Tables that reference this one are cleared before it.
  Expected<void> Clear(Database& target) const;
  // Puts all records that count into the target's table, which has none of them; how many. Errors are the databases',
  // with the table's name.
  Expected<std::int64_t> Copy(Reader& source, Database& target) const;
  // How many records both have, all of them the same; kCorrupt names the first that differs.
  Expected<std::int64_t> Compare(Reader& source, Reader& target) const;

 private:
  class Pages;
  class Records;

  Expected<void> Insert(Transaction& transaction, const std::vector<Record>& page) const;
  Expected<void> InsertRows(Transaction& transaction, const std::string& sql, const Record* first,
                            std::size_t count) const;
  std::string InsertStatement(std::size_t rows) const;
  std::string DescribeKey(const Record& record) const;

  const Table table_;
  const Keeps keeps_;
  std::vector<std::size_t> key_;  // places among the columns
  std::string clear_;
  std::string first_page_;
  std::string next_page_;
  std::size_t rows_per_statement_ = 1;
  std::string insert_one_;
  std::string insert_many_;
};

}  // namespace firmsign::db
