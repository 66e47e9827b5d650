// SPDX-License-Identifier: Apache-2.0
//
// Credentials: from an access key id to a secret and the identity behind it. Offered by services/iam.

#pragma once

#include <optional>

#include "base/error.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/principal.h"

namespace firmsign::ports {

struct Credential {
  policy::Principal principal;
  SecretBytes secret;
  std::optional<std::string> session_token;  // temporary credentials only
  std::optional<Instant> expires;            // temporary credentials only
};

// Thread safety: safe. Must be quick: it runs on the threads that serve sockets.
class Credentials {
 public:
  virtual ~Credentials() = default;
  // kNotFound: no such key, or it is inactive.
  virtual Expected<Credential> Find(const AccessKeyId& key) const = 0;
};

}  // namespace firmsign::ports
