// SPDX-License-Identifier: Apache-2.0

#include "services/signer/retention.h"

#include "platform/telemetry/log.h"
#include "services/signer/announcements.h"

namespace firmsign::signer {
namespace {

constexpr int kTogether = 100;  // profiles of one transaction
constexpr Duration kLease = std::chrono::minutes(5);

}  // namespace

Expected<std::int64_t> Retention::DeleteDue() {
  ASSIGN_OR_RETURN(const bool is_ours, lease_.Take(kLease));
  if (!is_ours) return 0;
  std::int64_t total = 0;
  std::int64_t last = kTogether;
  while (last == kTogether && !repeater_.is_stopping()) {
    const Instant now = store_.database().Now();
    RETURN_IF_ERROR(store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      ASSIGN_OR_RETURN(const std::vector<Profile> deleted,
                       store_.DeleteCanceledProfiles(transaction, now - options_.keep, kTogether));
      for (const Profile& profile : deleted) {
        RETURN_IF_ERROR(audit_trail_.Write(transaction, DeletionRecord(profile, now, random_)));
      }
      last = static_cast<std::int64_t>(deleted.size());
      return {};
    }));
    total += last;
  }
  // A lease that cannot be given back ends by itself.
  static_cast<void>(lease_.Release());
  return total;
}

void Retention::Start() {
  repeater_.Start("retention", options_.interval, [this] {
    const auto deleted = DeleteDue();
    if (options_.on_looked) options_.on_looked();
    if (!deleted) {
      telemetry::Log(telemetry::Level::kWarning, "profiles_not_deleted", {{"cause", deleted.error().message}});
    } else if (*deleted > 0) {
      telemetry::Log(telemetry::Level::kInfo, "profiles_deleted", {{"profiles", *deleted}});
    }
  });
}

}  // namespace firmsign::signer
