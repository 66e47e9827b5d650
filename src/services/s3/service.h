// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of the object store may touch.

#pragma once

#include <functional>

#include "base/random.h"
#include "base/time.h"
#include "engine/policy/parsed.h"
#include "platform/db/database.h"
#include "ports/principals.h"
#include "services/s3/blobs.h"

namespace firmsign::s3 {

// Thread safety: safe, as its members are; they outlive it.
struct Service {
  db::Database& database;
  const Clock& clock;
  Random& random;
  const Blobs& blobs;
  policy::ParsedPolicies& policies;
  const ports::Principals& principals;
};

// Removes the files that a crash left behind: last changed longer than `age` ago, and named by no row. How many. `age`
// is longer than any request takes from its last byte to its row. kUnavailable: `is_stopping` said yes on the way.
Expected<std::int64_t> SweepLeftOverFiles(Service& service, Duration age,
                                          const std::function<bool()>& is_stopping = {});

}  // namespace firmsign::s3
