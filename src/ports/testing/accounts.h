// SPDX-License-Identifier: Apache-2.0
//
// For tests: accounts in memory.

#pragma once

#include <optional>
#include <set>
#include <utility>

#include "ports/accounts.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakeAccounts final : public Accounts {
 public:
  FakeAccounts() = default;
  explicit FakeAccounts(std::set<AccountId> accounts) : accounts_(std::move(accounts)) {}

  void Add(const AccountId& account) { accounts_.insert(account); }

  std::optional<Error> exists_error;  // when set, Exists fails with it

  Expected<void> Exists(const AccountId& account) const override {
    if (exists_error) return std::unexpected(*exists_error);
    if (accounts_.contains(account)) return {};
    return Fail(Code::kNotFound, "there is no account " + account.str());
  }

 private:
  std::set<AccountId> accounts_;
};

}  // namespace firmsign::ports
