// SPDX-License-Identifier: Apache-2.0
//
// Reads and transactions that yield a value.

#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::s3 {

// What `work` (db::Reader& -> Expected<T>) found in one snapshot.
template <class Work>
std::invoke_result_t<Work, db::Reader&> Read(db::Database& database, Work work) {
  std::optional<typename std::invoke_result_t<Work, db::Reader&>::value_type> value;
  RETURN_IF_ERROR(database.Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(value, work(reader));
    return {};
  }));
  return *std::move(value);
}

// What `work` (db::Transaction& -> Expected<T>) returned the last time it ran.
template <class Work>
std::invoke_result_t<Work, db::Transaction&> Write(db::Database& database, Work work) {
  std::optional<typename std::invoke_result_t<Work, db::Transaction&>::value_type> value;
  RETURN_IF_ERROR(database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(value, work(transaction));
    return {};
  }));
  return *std::move(value);
}

}  // namespace firmsign::s3
