// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of the token service may touch.

#pragma once

#include <string>

#include "base/random.h"
#include "ports/identities.h"
#include "ports/sessions.h"
#include "services/sts/denials.h"
#include "services/sts/openid_keys.h"

namespace firmsign::sts {

// Everything outlives the service.
struct Service {
  const ports::Identities& identities;
  const ports::Sessions& sessions;
  OpenIdKeys& openid_keys;
  const Denials& denials;
  std::string saml_endpoint;  // what assertions may be addressed to beside AWS's own; empty: nothing
};

}  // namespace firmsign::sts
