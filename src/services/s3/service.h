// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of the object store may touch.

#pragma once

#include "base/random.h"
#include "base/time.h"
#include "platform/db/database.h"
#include "services/s3/blobs.h"

namespace firmsign::s3 {

// Thread safety: safe, as its members are; they outlive it.
struct Service {
  db::Database& database;
  const Clock& clock;
  Random& random;
  const Blobs& blobs;
};

// Removes the files that a crash left behind: older than the longest upload, and named by no row. How many. To be
// called now and then by one thread; DESIGN §6.
Expected<std::int64_t> SweepLeftOverFiles(Service& service);

}  // namespace firmsign::s3
