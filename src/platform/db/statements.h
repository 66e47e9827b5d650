// SPDX-License-Identifier: Apache-2.0
//
// Portable SQL in a database's own words: migration files taken apart, and the one clause that databases spell apart.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::db {

// The statements of `sql` without comments, split at each ';' outside '…' and "…", with {INT}, {TEXT} and {BYTES}
// replaced. kInvalid: an unknown {…}, or a quote or comment that does not end.
Expected<std::vector<std::string>> SplitStatements(std::string_view sql, const Dialect& types);

// `sql` with {SKIP LOCKED} replaced by a database's own words for it.
std::string SpellSkipLocked(std::string_view sql, std::string_view words);

}  // namespace firmsign::db
