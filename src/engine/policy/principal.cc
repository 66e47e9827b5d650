// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/principal.h"

#include <utility>

namespace firmsign::policy {

Principal RootOf(const AccountId& account, AccessKeyId access_key) {
  return {.type = PrincipalType::kRoot,
          .account = account,
          .arn = "arn:aws:iam::" + account.str() + ":root",
          .user_id = account.str(),
          .access_key = std::move(access_key)};
}

}  // namespace firmsign::policy
