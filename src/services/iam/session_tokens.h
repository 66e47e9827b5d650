// SPDX-License-Identifier: Apache-2.0
//
// Session tokens: temporary credentials in a sealed box that the client carries. The server keeps nothing.
//
// The box (engine/keys) holds JSON: who it is, the secret that belongs to the key, until when, and what limits it. Its
// context names the access key, so that a token opens for its own key alone; any node of the deployment opens it, and a
// node with another data key none.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "engine/keys/keyring.h"
#include "ports/sessions.h"

namespace firmsign::iam {

// What came out of a token.
struct OpenedSession {
  policy::Principal principal;  // with its session, but for the policies
  SecretBytes secret;
  std::string policy;
  std::vector<std::string> policy_arns;
  AccessKeyId parent;
};

// Thread safety: safe. Lifetime: all arguments outlive it.
class SessionTokens final : public ports::Sessions {
 public:
  SessionTokens(const keys::Keyring& keyring, Random& random) : keyring_(keyring), random_(random) {}

  Expected<ports::IssuedSession> Issue(const ports::NewSession& session) const override;
  // kInvalid: it is no token of this deployment, or another key's. Whether it has expired is not asked here.
  Expected<OpenedSession> Open(const AccessKeyId& key, std::string_view token) const;

 private:
  const keys::Keyring& keyring_;
  Random& random_;
};

}  // namespace firmsign::iam
