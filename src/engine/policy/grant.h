// SPDX-License-Identifier: Apache-2.0
//
// Grant: proof that a decision was taken. Ports that act for a caller take one, and only the gateway can make it.

#pragma once

#include <string>

#include "base/strong.h"

namespace firmsign::gateway {
class Authorizer;
}

namespace firmsign::policy {

// "This principal may do `action` on `resource`." A job stores the two grants that StartSigningJob decided (its source
// version, its destination key) as text; the runner restores them with Stored and never widens them.
class Grant {
 public:
  const std::string& action() const { return action_; }      // "s3:GetObjectVersion"
  const std::string& resource() const { return resource_; }  // "arn:aws:s3:::bucket/key"
  const AccountId& account() const { return account_; }      // for whom

  // A grant that was decided earlier and stored with the work that it allows. `reason` is for the reader of the code.
  static Grant Stored(const char* /*reason*/, std::string action, std::string resource, AccountId account) {
    return Grant(std::move(action), std::move(resource), std::move(account));
  }

 private:
  friend class firmsign::gateway::Authorizer;
  Grant(std::string action, std::string resource, AccountId account)
      : action_(std::move(action)), resource_(std::move(resource)), account_(std::move(account)) {}

  std::string action_;
  std::string resource_;
  AccountId account_;
};

}  // namespace firmsign::policy
