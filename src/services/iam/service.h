// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of identities may touch.

#pragma once

#include "base/random.h"
#include "ports/signing_authority.h"
#include "ports/stored_bytes.h"
#include "services/iam/credentials.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Everything outlives the service.
struct Service {
  Store& store;
  Credentials& credentials;
  Random& random;
  ports::SigningAuthority& authority;
  ports::StoredBytes& stored_bytes;
};

}  // namespace firmsign::iam
