// SPDX-License-Identifier: Apache-2.0
//
// Policies: what an identity may do. Offered by services/iam.

#pragma once

#include <memory>

#include "base/error.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/principal.h"

namespace firmsign::ports {

// Thread safety: safe.
class Policies {
 public:
  virtual ~Policies() = default;
  // What the policies of the user or role behind the principal say at this moment; what its session says lies in the
  // principal. nullptr: it has none and needs none, as a root. kDenied: there is no such user or role any more.
  virtual Expected<std::shared_ptr<const policy::Entitlements>> Of(const policy::Principal& principal) const = 0;
};

}  // namespace firmsign::ports
