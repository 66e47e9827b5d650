// SPDX-License-Identifier: Apache-2.0
//
// Accounts: the port by which other services learn whether an account exists, in front of the store.
//
// What is found stays known: accounts do not go away. What is not found is asked for again, so that a new account, also
// one that another node made, counts at once.

#pragma once

#include <shared_mutex>
#include <unordered_set>

#include "ports/accounts.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Thread safety: safe. Lifetime: the store outlives it.
class Accounts final : public ports::Accounts {
 public:
  explicit Accounts(Store& store) : store_(store) {}

  // Also what db::Reader returns.
  Expected<void> Exists(const AccountId& account) const override;

 private:
  Store& store_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_set<AccountId> found_;
};

}  // namespace firmsign::iam
