// SPDX-License-Identifier: Apache-2.0
//
// The bank of rate limits: what nodes that share a deployment draw their tokens from, in batches (admit.h).
//
// The bank is what makes a limit hold across nodes: it never grants more than there is, however many ask at once. What
// a node does with its batch, and when it asks again, is the node's matter.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace firmsign::gateway {

// Thread safety: safe.
class RateBank {
 public:
  virtual ~RateBank() = default;

  struct Withdrawal {
    std::int64_t granted = 0;  // 0 to `wanted`
    Duration next_in{0};       // when less than `wanted` was granted: until there can be a token again, else 0
  };

  // Takes up to `wanted` (at least 1) tokens out of the bucket `name`, which is filled by `per_second` (0.001 to
  // 1,000,000) and holds `burst` (at least 1, at most an hour's worth or 1). A bucket that is new is full. Errors are
  // the database's; tokens may be lost with one.
  virtual Expected<Withdrawal> Withdraw(std::string_view name, double per_second, double burst,
                                        std::int64_t wanted) = 0;
};

}  // namespace firmsign::gateway
