// SPDX-License-Identifier: Apache-2.0
//
// Denials that their account can read again. Offered by services/sts, whose DecodeAuthorizationMessage reads them.

#pragma once

#include <string>
#include <string_view>

#include "base/strong.h"

namespace firmsign::ports {

// Thread safety: safe.
class Denials {
 public:
  virtual ~Denials() = default;
  // What a decision was about as a text that says nothing to anybody without a right to decode it. `account`: whose.
  virtual std::string Encode(const AccountId& account, std::string_view explanation) const = 0;
};

}  // namespace firmsign::ports
