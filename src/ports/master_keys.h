// SPDX-License-Identifier: Apache-2.0
//
// The master key, as the operator changes it. Offered by apps/server, which knows where it is kept.

#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "platform/db/database.h"

namespace firmsign::ports {

// Where the new master key is to be.
struct MasterKeyPlace {
  std::string to;     // a new file; empty: the present one
  std::string token;  // as the configuration calls it: the key wants this token, too; empty: it is in the file alone
  std::string key_label;  // of the token's secret key; not empty with a token
};

struct RotatedMasterKey {
  std::string id;             // by which the new one is called
  std::string file;           // that holds it
  std::string previous_file;  // that holds the one before; empty: it stays where it is
  std::string warning;        // what is still to be done, for people; `also` does not see it
};

// What else happens in the transaction from which on the new key counts.
using AlsoRotate = std::function<Expected<void>(db::Transaction& transaction, const RotatedMasterKey& rotated)>;

// Thread safety: safe.
class MasterKeys {
 public:
  virtual ~MasterKeys() = default;
  // Makes a new master key and wraps the data key with it; nothing that is sealed is touched, and whoever has opened
  // the deployment goes on. The key, or what is needed to have it from a token, is in the file that is answered.
  //
  // kInvalid: where it is to be kept it cannot be; the message says what to do instead. Else codes of the database, of
  // files and of tokens. After every error, and after a crash at any moment, the files that are named here open the
  // deployment.
  virtual Expected<RotatedMasterKey> Rotate(const MasterKeyPlace& place, const AlsoRotate& also) = 0;
};

}  // namespace firmsign::ports
