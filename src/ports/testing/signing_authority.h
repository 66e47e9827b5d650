// SPDX-License-Identifier: Apache-2.0
//
// For tests: an authority that remembers what it was told.

#pragma once

#include <optional>
#include <string>

#include "platform/db/database.h"
#include "ports/signing_authority.h"

namespace firmsign::ports {

// Thread safety: confined.
class FakeSigningAuthority final : public SigningAuthority {
 public:
  explicit FakeSigningAuthority(db::Database& database) : database_(database) {}

  std::optional<OldKeys> rotated;
  int conflicts = 0;  // so many calls meet another node's

  Expected<std::string> Rotate(OldKeys old_keys, const AlsoDo& also) override {
    if (conflicts > 0) {
      --conflicts;
      return Fail(Code::kConflict, "another node was faster");
    }
    std::string certificate = "the next certificate";
    RETURN_IF_ERROR(
        database_.InTransaction([&](db::Transaction& transaction) { return also(transaction, certificate); }));
    rotated = old_keys;
    return certificate;
  }

 private:
  db::Database& database_;
};

}  // namespace firmsign::ports
