// SPDX-License-Identifier: Apache-2.0
//
// Reads and transactions that yield a value, and what becomes of files when a transaction ends.

#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "platform/db/database.h"
#include "services/s3/service.h"
#include "services/s3/store.h"

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

// Over PostgreSQL, two writers of one key, or one of a bucket that another removes, meet in a constraint. The one that
// comes second has waited there for the first and is run again behind it; each time it loses, another has won, so that
// this ends soon without a pause. The bound is for a constraint that refuses for another reason.
inline constexpr int kConflictRunsMax = 500;

// What `work` (db::Transaction& -> Expected<T>, or Expected<void>) returned the last time it ran. It is run again when
// the result is kConflict, so what is meant as an answer has another code.
template <class Work>
std::invoke_result_t<Work, db::Transaction&> Write(db::Database& database, Work work) {
  using Result = std::invoke_result_t<Work, db::Transaction&>;
  for (int run = 1;; ++run) {
    if constexpr (std::is_void_v<typename Result::value_type>) {
      Result written = database.InTransaction([&](db::Transaction& transaction) { return work(transaction); });
      if (written || written.error().code != Code::kConflict || run == kConflictRunsMax) return written;
    } else {
      std::optional<typename Result::value_type> value;
      auto written = database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
        ASSIGN_OR_RETURN(value, work(transaction));
        return {};
      });
      if (written) return *std::move(value);
      if (written.error().code != Code::kConflict || run == kConflictRunsMax) {
        return std::unexpected(std::move(written).error());
      }
    }
  }
}

// Write for what touches bytes: `work` (db::Transaction&, store::Garbage& -> Expected<T>) names `staged` in a row and
// drops rows of other bytes. `staged`: nullptr for none.
//
// A file is removed only where the outcome is certain: a new one when its row was not written, an old one when its row
// is gone. kUnavailable says neither, so then all files stay, and the sweeper removes what no row names.
template <class Work>
std::invoke_result_t<Work, db::Transaction&, store::Garbage&> WriteBytes(Service& service, StagedBlob* staged,
                                                                         Work work) {
  store::Garbage garbage;
  auto written = Write(service.database, [&](db::Transaction& transaction) {
    garbage.clear();
    return work(transaction, garbage);
  });
  if (written) service.blobs.Remove(garbage);
  if (staged != nullptr && (written || written.error().code == Code::kUnavailable)) staged->Keep();
  return written;
}

}  // namespace firmsign::s3
