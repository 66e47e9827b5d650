// SPDX-License-Identifier: Apache-2.0
//
// Who calls: an authenticated identity, or nobody.

#pragma once

#include <string>

#include "base/strong.h"

namespace firmsign::policy {

enum class PrincipalType {
  kAnonymous,
  kRoot,      // an account's owner: may do everything in the account
  kOperator,  // whoever holds DIR/admin.sock: acts as root, and is audited as operator
};

struct Principal {
  PrincipalType type = PrincipalType::kAnonymous;
  AccountId account;
  std::string arn;      // arn:aws:iam::111122223333:root
  std::string user_id;  // GetCallerIdentity's UserId; for root the account id
  AccessKeyId access_key;
};

Principal RootOf(const AccountId& account, AccessKeyId access_key = {});

}  // namespace firmsign::policy
