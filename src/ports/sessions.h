// SPDX-License-Identifier: Apache-2.0
//
// Sessions: temporary credentials. Offered by services/iam, which also knows them again (ports/credentials.h).

#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/principal.h"

namespace firmsign::ports {

// Whose session it becomes, and what limits it. Identity and limits travel in the token; what the user or role may do
// is looked up in each request.
struct NewSession {
  // With its `session`, but for the policies there; `access_key` is not looked at.
  policy::Principal principal;
  std::string policy;                    // a session policy; empty: none
  std::vector<std::string> policy_arns;  // of managed policies that limit the session
  AccessKeyId parent;                    // the key without which the session ends; empty: none, as for a role's
};

struct IssuedSession {
  AccessKeyId access_key;  // ASIA…
  SecretBytes secret;
  std::string token;
};

// Thread safety: safe.
class Sessions {
 public:
  virtual ~Sessions() = default;
  virtual Expected<IssuedSession> Issue(const NewSession& session) const = 0;
};

}  // namespace firmsign::ports
