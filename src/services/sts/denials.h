// SPDX-License-Identifier: Apache-2.0
//
// Encoded authorization messages: sealed under the deployment's key for one account, in base64.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/keys/keyring.h"
#include "ports/denials.h"

namespace firmsign::sts {

// Thread safety: safe.
class Denials final : public ports::Denials {
 public:
  // `keyring` outlives it.
  explicit Denials(const keys::Keyring& keyring) : keyring_(keyring) {}

  std::string Encode(const AccountId& account, std::string_view explanation) const override;
  // kInvalid: none of ours, or another account's.
  Expected<std::string> Decode(const AccountId& account, std::string_view message) const;

 private:
  const keys::Keyring& keyring_;
};

}  // namespace firmsign::sts
