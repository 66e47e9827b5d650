// SPDX-License-Identifier: Apache-2.0
//
// For tests: rotates nothing, or fails as it is told.

#pragma once

#include <optional>
#include <vector>

#include "ports/master_keys.h"

namespace firmsign::ports {

class FakeMasterKeys final : public MasterKeys {
 public:
  explicit FakeMasterKeys(db::Database& database) : database_(database) {}

  Expected<RotatedMasterKey> Rotate(const MasterKeyPlace& place, const AlsoRotate& also) override {
    if (failure) return std::unexpected(*failure);
    asked.push_back(place);
    RotatedMasterKey rotated{.id = "0123456789abcdef",
                             .file = place.to.empty() ? "/master.key" : place.to,
                             .previous_file = place.to.empty() ? "/master.key.before" : "",
                             .warning = ""};
    RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) { return also(transaction, rotated); }));
    return rotated;
  }

  std::optional<Error> failure;
  std::vector<MasterKeyPlace> asked;

 private:
  db::Database& database_;
};

}  // namespace firmsign::ports
