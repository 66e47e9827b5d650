// SPDX-License-Identifier: Apache-2.0
//
// Takes a migration file apart: its statements, with the portable types in a database's own words.

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

}  // namespace firmsign::db
