// SPDX-License-Identifier: Apache-2.0

#include "platform/db/table_copier.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::db {
namespace {

// A page holds about this much in memory, by the size of the rows before it.
constexpr std::size_t kPageBytes = std::size_t{8} << 20;
constexpr std::size_t kPageRowsMax = 500;
// One statement fills several rows, so that a round trip is not paid for each. PostgreSQL takes 65535 parameters,
// SQLite 32766.
constexpr std::size_t kRowsPerStatement = 50;
constexpr std::size_t kParametersMax = 30'000;

// Names come from the database itself, and are words of our own migrations.
std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

std::size_t SizeOf(const Record& record) {
  std::size_t size = 0;
  for (const Cell& cell : record) {
    const auto* bytes = std::get_if<std::string>(&cell);
    size += bytes != nullptr ? bytes->size() : sizeof(std::int64_t);
  }
  return size;
}

Parameter ParameterOf(const Cell& cell, ColumnType type) {
  const auto* bytes = std::get_if<std::string>(&cell);
  const std::string_view view = bytes != nullptr ? std::string_view(*bytes) : std::string_view();
  switch (type) {
    case ColumnType::kInt: {
      const auto* number = std::get_if<std::int64_t>(&cell);
      return number != nullptr ? *number : std::int64_t{0};
    }
    case ColumnType::kText: return view;
    case ColumnType::kBytes: return Blob{view};
  }
  return nullptr;
}

Record RecordOf(const Row& row, const Table& table) {
  Record record;
  record.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const int column = static_cast<int>(i);
    if (row.IsNull(column)) {
      record.emplace_back();
    } else if (table.columns[i].type == ColumnType::kInt) {
      record.emplace_back(row.Int(column));
    } else {
      record.emplace_back(row.String(column));
    }
  }
  return record;
}

Error InTable(const std::string& table, Error error) {
  error.message = "table " + table + ": " + error.message;
  return error;
}

}  // namespace

// The table's records, a page at a time.
class TableCopier::Pages {
 public:
  Pages(const TableCopier& copier, Reader& reader) : copier_(copier), reader_(reader) {}

  // Empty at the end.
  Expected<std::vector<Record>> Next() {
    std::vector<Record> page;
    if (is_at_end_) return page;
    const auto limit = static_cast<std::int64_t>(rows_);
    std::vector<Parameter> parameters;
    if (!last_.empty()) {
      for (const std::size_t column : copier_.key_) {
        parameters.push_back(ParameterOf(last_[column], copier_.table_.columns[column].type));
      }
    }
    parameters.emplace_back(limit);
    const std::string& sql = last_.empty() ? copier_.first_page_ : copier_.next_page_;
    std::size_t bytes = 1;
    auto read = reader_.QueryRows(sql, parameters, [&](const Row& row) {
      page.push_back(RecordOf(row, copier_.table_));
      bytes += SizeOf(page.back());
    });
    if (!read) return std::unexpected(InTable(copier_.table_.name, std::move(read).error()));
    is_at_end_ = page.size() < rows_;
    if (!page.empty()) last_ = page.back();
    // Grows slowly, since what comes may be larger than what was.
    rows_ = std::clamp(rows_ * kPageBytes / bytes, std::size_t{1}, std::min(rows_ * 4, kPageRowsMax));
    return page;
  }

 private:
  const TableCopier& copier_;
  Reader& reader_;
  std::size_t rows_ = 16;
  Record last_;
  bool is_at_end_ = false;
};

// The table's records that count, one by one.
class TableCopier::Records {
 public:
  Records(const TableCopier& copier, Reader& reader) : copier_(copier), pages_(copier, reader) {}

  // Null at the end; valid until the next call.
  Expected<const Record*> Next() {
    for (;;) {
      if (at_ == page_.size()) {
        ASSIGN_OR_RETURN(page_, pages_.Next());
        at_ = 0;
        if (page_.empty()) return nullptr;
      }
      const Record& record = page_[at_++];
      if (!copier_.keeps_ || copier_.keeps_(record)) return &record;
    }
  }

 private:
  const TableCopier& copier_;
  Pages pages_;
  std::vector<Record> page_;
  std::size_t at_ = 0;
};

TableCopier::TableCopier(Table table, Keeps keeps) : table_(std::move(table)), keeps_(std::move(keeps)) {
  CHECK(!table_.key.empty());
  std::vector<std::string> columns;
  for (const Column& column : table_.columns) columns.push_back(column.name);
  std::string after;
  for (const std::string& name : table_.key) {
    key_.push_back(static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
    after += (after.empty() ? "$" : ", $") + std::to_string(key_.size());
  }
  clear_ = "DELETE FROM " + table_.name;
  const std::string order = Join(table_.key);
  const std::string select = "SELECT " + Join(columns) + " FROM " + table_.name;
  first_page_ = select + " ORDER BY " + order + " LIMIT $1";
  next_page_ = select + " WHERE (" + order + ") > (" + after + ") ORDER BY " + order + " LIMIT $" +
               std::to_string(key_.size() + 1);
  rows_per_statement_ = std::clamp(kParametersMax / (2 * columns.size()), std::size_t{1}, kRowsPerStatement);
  insert_one_ = InsertStatement(1);
  insert_many_ = InsertStatement(rows_per_statement_);
}

// What may be null takes two parameters, so that the types of all are the same for all rows and PostgreSQL prepares the
// statement once.
std::string TableCopier::InsertStatement(std::size_t rows) const {
  std::vector<std::string> columns;
  for (const Column& column : table_.columns) columns.push_back(column.name);
  std::string sql = "INSERT INTO " + table_.name + " (" + Join(columns) + ") VALUES ";
  int number = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::string> values;
    for (const Column& column : table_.columns) {
      if (column.is_nullable) {
        values.push_back("CASE WHEN $" + std::to_string(number + 1) + " = 1 THEN NULL ELSE $" +
                         std::to_string(number + 2) + " END");
        number += 2;
      } else {
        values.push_back("$" + std::to_string(++number));
      }
    }
    sql += (row == 0 ? "(" : ", (") + Join(values) + ")";
  }
  return sql;
}

Expected<void> TableCopier::InsertRows(Transaction& transaction, const std::string& sql, const Record* first,
                                       std::size_t count) const {
  std::vector<Parameter> parameters;
  for (const Record* record = first; record != first + count; ++record) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const Cell& cell = (*record)[i];
      if (table_.columns[i].is_nullable) {
        parameters.emplace_back(std::int64_t{std::holds_alternative<std::monostate>(cell) ? 1 : 0});
      }
      parameters.push_back(ParameterOf(cell, table_.columns[i].type));
    }
  }
  RETURN_IF_ERROR(transaction.ExecuteStatement(sql, parameters));
  return {};
}

Expected<void> TableCopier::Insert(Transaction& transaction, const std::vector<Record>& page) const {
  std::size_t at = 0;
  for (; page.size() - at >= rows_per_statement_; at += rows_per_statement_) {
    RETURN_IF_ERROR(InsertRows(transaction, insert_many_, &page[at], rows_per_statement_));
  }
  for (; at < page.size(); ++at) RETURN_IF_ERROR(InsertRows(transaction, insert_one_, &page[at], 1));
  return {};
}

Expected<void> TableCopier::Clear(Database& target) const {
  return target.InTransaction([&](Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute(clear_));
    return {};
  });
}

Expected<std::int64_t> TableCopier::Copy(Reader& source, Database& target) const {
  Pages pages(*this, source);
  std::int64_t copied = 0;
  for (;;) {
    ASSIGN_OR_RETURN(std::vector<Record> page, pages.Next());
    if (page.empty()) return copied;
    if (keeps_) std::erase_if(page, [&](const Record& record) { return !keeps_(record); });
    if (page.empty()) continue;
    auto inserted = target.InTransaction([&](Transaction& transaction) { return Insert(transaction, page); });
    if (!inserted) return std::unexpected(InTable(table_.name, std::move(inserted).error()));
    copied += static_cast<std::int64_t>(page.size());
  }
}

std::string TableCopier::DescribeKey(const Record& record) const {
  std::string text;
  for (const std::size_t column : key_) {
    std::string value;
    if (const auto* number = std::get_if<std::int64_t>(&record[column])) value = std::to_string(*number);
    if (const auto* bytes = std::get_if<std::string>(&record[column])) {
      value = table_.columns[column].type == ColumnType::kBytes ? EncodeHex(*bytes) : *bytes;
    }
    text += (text.empty() ? "" : ", ") + table_.columns[column].name + "=" + value;
  }
  return text;
}

Expected<std::int64_t> TableCopier::Compare(Reader& source, Reader& target) const {
  Records ours(*this, source);
  Records theirs(*this, target);
  for (std::int64_t same = 0;; ++same) {
    ASSIGN_OR_RETURN(const Record* const here, ours.Next());
    ASSIGN_OR_RETURN(const Record* const there, theirs.Next());
    if (here == nullptr && there == nullptr) return same;
    if (here != nullptr && there != nullptr && *here == *there) continue;
    std::string what;
    if (here == nullptr || there == nullptr) {
      what = std::string("only the ") + (here == nullptr ? "target" : "source") + " has the record " +
             DescribeKey(here == nullptr ? *there : *here);
    } else {
      const auto differs = std::ranges::mismatch(*here, *there).in1 - here->begin();
      what =
          "the record " + DescribeKey(*here) + " differs in " + table_.columns[static_cast<std::size_t>(differs)].name;
    }
    return Fail(Code::kCorrupt, "the copy is not what was copied: table " + table_.name + ": " + what);
  }
}

}  // namespace firmsign::db
