// SPDX-License-Identifier: Apache-2.0
//
// The master key, as the operator changes it. Offered by apps/server, which knows where it is kept.

#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::ports {

struct RotatedMasterKey {
  std::string file;           // that holds the new one
  std::string previous_file;  // that holds the one before; empty: it stays where it is
};

// What else happens in the transaction from which on the new key counts.
using AlsoRotate = std::function<Expected<void>(db::Transaction& transaction, const RotatedMasterKey& rotated)>;

// Thread safety: safe.
class MasterKeys {
 public:
  virtual ~MasterKeys() = default;
  // Makes a new master key and wraps the data key with it; nothing that is sealed is touched, and whoever has opened
  // the deployment goes on. The key replaces the present one in its file, or is written to the new file `to`.
  //
  // kInvalid: where it is to be kept it cannot be; the message says what to do instead. Else codes of the database and
  // of files. After every error, and after a crash at any moment, the files that are named here open the deployment.
  virtual Expected<RotatedMasterKey> Rotate(const std::string& to, const AlsoRotate& also) = 0;
};

}  // namespace firmsign::ports
