// SPDX-License-Identifier: Apache-2.0
//
// Virtual MFA devices beside their entities: whose they are, and which codes were taken. Statements within the caller's
// snapshot or transaction.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::iam::mfa {

struct Device {
  std::string serial;       // its ARN
  std::string sealed_seed;  // a box of engine/keys
  std::string user_id;      // empty: nobody's yet
  Instant enabled_at;
  std::int64_t last_step = 0;  // of the last code that was taken, in steps of 30 seconds since 1970
};

// Of the box that holds a device's seed.
std::string SealingContext(std::string_view serial);

Expected<std::optional<Device>> Find(db::Reader& reader, std::string_view serial);
Expected<std::vector<Device>> DevicesOf(db::Reader& reader, std::string_view user_id);
Expected<void> Insert(db::Transaction& transaction, const Device& device);
Expected<void> Update(db::Transaction& transaction, const Device& device);
Expected<void> Remove(db::Transaction& transaction, std::string_view serial);
// Takes the code of a step, once: false when this or a later one was taken already.
Expected<bool> TakeStep(db::Transaction& transaction, std::string_view serial, std::int64_t step);

}  // namespace firmsign::iam::mfa
