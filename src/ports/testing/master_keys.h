// SPDX-License-Identifier: Apache-2.0
//
// For tests: rotates nothing, or fails as it is told.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/master_keys.h"

namespace firmsign::ports {

class FakeMasterKeys final : public MasterKeys {
 public:
  explicit FakeMasterKeys(db::Database& database) : database_(database) {}

  Expected<RotatedMasterKey> Rotate(const std::string& to, const AlsoRotate& also) override {
    if (failure) return std::unexpected(*failure);
    asked.push_back(to);
    const RotatedMasterKey rotated{.file = to.empty() ? "/master.key" : to,
                                   .previous_file = to.empty() ? "/master.key.before" : ""};
    RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) { return also(transaction, rotated); }));
    return rotated;
  }

  std::optional<Error> failure;
  std::vector<std::string> asked;

 private:
  db::Database& database_;
};

}  // namespace firmsign::ports
