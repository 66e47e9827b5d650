// SPDX-License-Identifier: Apache-2.0
//
// Aliases of accounts: names that are the account's alone in the whole deployment. Statements within the caller's
// snapshot or transaction.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/strong.h"
#include "platform/db/database.h"

namespace firmsign::iam::aliases {

Expected<std::optional<AccountId>> HolderOf(db::Reader& reader, std::string_view alias);
Expected<std::optional<std::string>> Of(db::Reader& reader, const AccountId& account);
// In the place of the one that the account has.
Expected<void> Put(db::Transaction& transaction, const AccountId& account, std::string_view alias);
Expected<void> Remove(db::Transaction& transaction, std::string_view alias);

}  // namespace firmsign::iam::aliases
