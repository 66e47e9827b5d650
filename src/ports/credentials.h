// SPDX-License-Identifier: Apache-2.0
//
// Credentials: from an access key id to a secret and the identity behind it. Offered by services/iam.

#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/principal.h"

namespace firmsign::ports {

struct Credential {
  policy::Principal principal;
  SecretBytes secret;
  std::optional<Instant> expires;  // temporary credentials only
};

// Thread safety: safe. Must be quick: it runs on the threads that serve sockets.
class Credentials {
 public:
  virtual ~Credentials() = default;
  // `token`: the session token that came with the key; empty for none. kNotFound: no such key, or it is inactive.
  // kDenied: the token is not one of this deployment, or another key's; or whom it is for is gone.
  virtual Expected<Credential> Find(const AccessKeyId& key, std::string_view token) const = 0;
  // A request signed with this key was found right.
  virtual void NoteUse(const AccessKeyId& key, const Region& region, std::string_view service, Instant now) const = 0;
};

}  // namespace firmsign::ports
