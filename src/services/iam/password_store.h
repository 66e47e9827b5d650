// SPDX-License-Identifier: Apache-2.0
//
// Users' passwords as they are stored: as hashes (platform/crypto/password_hash.h). Statements within the caller's
// snapshot or transaction.

#pragma once

#include <optional>
#include <string>
#include <string_view>

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

Expected<std::optional<Password>> Find(db::Reader& reader, std::string_view user_id);
Expected<void> Put(db::Transaction& transaction, std::string_view user_id, const Password& password);
Expected<void> Remove(db::Transaction& transaction, std::string_view user_id);

}  // namespace firmsign::iam::passwords
