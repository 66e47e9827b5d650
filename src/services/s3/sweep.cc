// SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include "services/s3/service.h"
#include "services/s3/store.h"

namespace firmsign::s3 {
namespace {

// Longer than any request may take: a file is named by a row at the end of the request that wrote it.
constexpr Duration kLeftOverAge = std::chrono::hours(24);

}  // namespace

Expected<std::int64_t> SweepLeftOverFiles(Service& service) {
  return service.blobs.Sweep(service.clock.Now() - kLeftOverAge, [&](const std::string& id) -> Expected<bool> {
    bool known = true;
    RETURN_IF_ERROR(service.database.Read([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(known, store::IsBlobKnown(reader, id));
      return {};
    }));
    return known;
  });
}

}  // namespace firmsign::s3
