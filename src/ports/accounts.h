// SPDX-License-Identifier: Apache-2.0
//
// Accounts: which accounts this deployment has. Offered by services/iam.

#pragma once

#include "base/error.h"
#include "base/strong.h"

namespace firmsign::ports {

// Thread safety: safe.
class Accounts {
 public:
  virtual ~Accounts() = default;
  // Success: there is this account, and always will be. kNotFound: there is none; also for what is no account id.
  virtual Expected<void> Exists(const AccountId& account) const = 0;
};

}  // namespace firmsign::ports
