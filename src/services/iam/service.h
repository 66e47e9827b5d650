// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of identities may touch.

#pragma once

#include "base/random.h"
#include "engine/keys/keyring.h"
#include "ports/master_keys.h"
#include "ports/signing_authority.h"
#include "ports/stored_bytes.h"
#include "ports/token_certificates.h"
#include "services/iam/generation.h"
#include "services/iam/policy_book.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Everything outlives the service.
struct Service {
  Store& store;
  Generation& generation;
  const PolicyBook& policies;
  const keys::Keyring& keyring;
  Random& random;
  ports::SigningAuthority& authority;
  ports::StoredBytes& stored_bytes;
  ports::TokenCertificates& token_certificates;
  ports::MasterKeys& master_keys;
};

}  // namespace firmsign::iam
