// SPDX-License-Identifier: Apache-2.0

#include "services/iam/assertion_store.h"

namespace firmsign::iam::assertions {

Expected<bool> Take(db::Transaction& transaction, std::string_view name, Instant expires_at, Instant now) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_assertions WHERE expires_at <= $1", now));
  ASSIGN_OR_RETURN(const std::int64_t taken,
                   transaction.Execute("INSERT INTO iam_assertions (name, expires_at) VALUES ($1, $2)"
                                       " ON CONFLICT (name) DO NOTHING",
                                       name, expires_at));
  return taken > 0;
}

}  // namespace firmsign::iam::assertions
