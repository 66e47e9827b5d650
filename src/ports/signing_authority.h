// SPDX-License-Identifier: Apache-2.0
//
// The deployment's code-signing authority, as its operator sees it. Offered by services/signer.

#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::ports {

// What becomes of the keys that signed until now: they stay valid, the last one is revoked, or all are that ever were.
enum class OldKeys { kStay, kLastRevoked, kAllRevoked };

// What else happens in the transaction that gives the authority the key with this certificate (PEM).
using AlsoDo = std::function<Expected<void>(db::Transaction& transaction, const std::string& certificate)>;

// Thread safety: safe.
class SigningAuthority {
 public:
  virtual ~SigningAuthority() = default;
  // Issues a key that signs from now on, here at once and on other nodes within seconds; its certificate as PEM.
  // kConflict: another node did the same at this moment, so it should run again.
  virtual Expected<std::string> Rotate(OldKeys old_keys, const AlsoDo& also) = 0;
};

}  // namespace firmsign::ports
