// SPDX-License-Identifier: Apache-2.0
//
// Assertions that were used, for as long as they could be used again. Statements within the caller's transaction.

#pragma once

#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::iam::assertions {

// False: `name` was taken before and counts still. Those that have expired by `now` are forgotten.
Expected<bool> Take(db::Transaction& transaction, std::string_view name, Instant expires_at, Instant now);

}  // namespace firmsign::iam::assertions
