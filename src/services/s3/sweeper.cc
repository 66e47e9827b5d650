// SPDX-License-Identifier: Apache-2.0

#include "services/s3/sweeper.h"

#include <chrono>

#include "platform/telemetry/log.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

using telemetry::Level;
using telemetry::Log;

namespace {

constexpr Duration kLease = std::chrono::minutes(5);

}  // namespace

Expected<std::int64_t> SweepLeftOverFiles(Service& service, Duration age, const std::function<bool()>& is_stopping) {
  return service.blobs.Sweep(service.database.Now() - age, [&](const std::string& id) -> Expected<bool> {
    if (is_stopping && is_stopping()) return Fail(Code::kUnavailable, "the sweep was stopped");
    bool known = true;
    RETURN_IF_ERROR(service.database.Read([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(known, store::IsBlobKnown(reader, id));
      return {};
    }));
    return known;
  });
}

void Sweeper::Start() {
  if (service_.blobs.has_folder()) repeater_.Start("file sweeper", options_.interval, [this] { Sweep(); });
}

Expected<std::int64_t> Sweeper::SweepOnce() {
  ASSIGN_OR_RETURN(const bool is_ours, lease_.Take(kLease));
  if (!is_ours) return 0;
  // Renewed on the way, so that a dead node's lease ends soon while a long sweep keeps its own. That it was lost is no
  // harm beyond the work done twice: what is removed is old and named by no row, whoever removes it.
  Instant renewed_at = service_.database.Now();
  auto removed = SweepLeftOverFiles(service_, options_.age, [&] {
    if (repeater_.is_stopping()) return true;
    const Instant now = service_.database.Now();
    if (now - renewed_at < kLease / 3) return false;
    renewed_at = now;
    const auto renewed = lease_.Take(kLease);
    return renewed && !*renewed;
  });
  // A lease that cannot be given back ends by itself.
  static_cast<void>(lease_.Release());
  return removed;
}

void Sweeper::Sweep() {
  const auto removed = SweepOnce();
  if (options_.on_looked) options_.on_looked();
  if (!removed) {
    if (!repeater_.is_stopping()) {
      Log(Level::kWarning, "left_over_files_not_removed", {{"cause", removed.error().message}});
    }
  } else if (*removed > 0) {
    Log(Level::kInfo, "left_over_files_removed", {{"files", *removed}});
  }
}

}  // namespace firmsign::s3
