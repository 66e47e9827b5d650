// SPDX-License-Identifier: Apache-2.0
//
// Users' passwords as they are stored: as hashes (platform/crypto/password_hash.h). Statements within the caller's
// snapshot or transaction.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::iam::passwords {

struct Password {
  std::string hash;
  bool needs_reset = false;  // at the next sign-in
  Instant created_at;
  Instant changed_at;
};

inline constexpr std::int64_t kHistoryMax = 24;  // as many as a policy can ask about

Expected<std::optional<Password>> Find(db::Reader& reader, std::string_view user_id);
Expected<void> Put(db::Transaction& transaction, std::string_view user_id, const Password& password);
// The hashes of a user's earlier passwords, the latest first.
Expected<std::vector<std::string>> HistoryOf(db::Reader& reader, std::string_view user_id);
// Keeps a hash that was replaced, and forgets all but the latest kHistoryMax.
Expected<void> PutHistory(db::Transaction& transaction, std::string_view user_id, const std::string& hash, Instant now);
// With its history.
Expected<void> Remove(db::Transaction& transaction, std::string_view user_id);

}  // namespace firmsign::iam::passwords
