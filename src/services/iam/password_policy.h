// SPDX-License-Identifier: Apache-2.0
//
// What passwords of an account's users must be like.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/iam.h"
#include "services/iam/entity_store.h"

namespace firmsign::iam {

// nullopt: the account has said nothing, so AWS's default counts, which GetAccountPasswordPolicy does not show.
Expected<std::optional<PasswordPolicy>> FindPasswordPolicy(db::Reader& reader, const AccountId& account);
Expected<void> PutPasswordPolicy(db::Transaction& transaction, const AccountId& account, const PasswordPolicy& policy,
                                 Instant now);
Expected<bool> RemovePasswordPolicy(db::Transaction& transaction, const AccountId& account);

// nullopt: the password is as it must be. Else the sentence for who chose it. `name`: of its user.
std::optional<std::string> ProblemOf(std::string_view password, std::string_view name,
                                     const std::optional<PasswordPolicy>& policy);

}  // namespace firmsign::iam
