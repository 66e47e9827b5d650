// SPDX-License-Identifier: Apache-2.0

#include "services/s3/publish.h"

#include <utility>

namespace firmsign::s3 {
namespace {

// On PostgreSQL two writers of one key can meet; the loser tries again behind the winner.
constexpr int kAttempts = 5;

}  // namespace

Expected<WriteVerdict> Judge(db::Reader& reader, std::string_view bucket, std::string_view key,
                             const WriteConditions& conditions) {
  if (!conditions.if_match && !conditions.if_none_match) return WriteVerdict::kHolds;
  auto current = store::FindCurrent(reader, bucket, key);
  if (!current && current.error().code != Code::kNotFound) return std::unexpected(std::move(current).error());
  const bool exists = current && !current->is_delete_marker;
  if (conditions.if_match) {
    if (!exists) return WriteVerdict::kNothingToMatch;
    if (!MatchesEtag(*conditions.if_match, current->etag)) return WriteVerdict::kIfMatchFails;
  }
  if (conditions.if_none_match && exists) return WriteVerdict::kIfNoneMatchFails;
  return WriteVerdict::kHolds;
}

PublishOutcome TryPublish(Service& service, const store::NewVersion& version, const WriteConditions& conditions,
                          const Before& before) {
  PublishOutcome outcome;
  store::Garbage garbage;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto written = Write(service.database, [&](db::Transaction& transaction) -> Expected<store::Written> {
      garbage.clear();
      ASSIGN_OR_RETURN(outcome.verdict, Judge(transaction, version.bucket, version.key, conditions));
      if (outcome.verdict != WriteVerdict::kHolds) return Fail(Code::kConflict, "a precondition does not hold");
      if (before) RETURN_IF_ERROR(before(transaction, garbage));
      return store::PutVersion(transaction, version, garbage);
    });
    if (written) {
      outcome.error.reset();
      outcome.written = *std::move(written);
      service.blobs.Remove(garbage);
      return outcome;
    }
    outcome.error = std::move(written).error();
    if (outcome.verdict != WriteVerdict::kHolds || outcome.error->code != Code::kConflict) break;
  }
  return outcome;
}

}  // namespace firmsign::s3
