// SPDX-License-Identifier: Apache-2.0

#include "services/iam/accounts.h"

#include <mutex>

namespace firmsign::iam {

Expected<void> Accounts::Exists(const AccountId& account) const {
  {
    const std::shared_lock lock(mutex_);
    if (found_.contains(account)) return {};
  }
  RETURN_IF_ERROR(store_.FindAccount(account));
  const std::unique_lock lock(mutex_);
  found_.insert(account);
  return {};
}

}  // namespace firmsign::iam
