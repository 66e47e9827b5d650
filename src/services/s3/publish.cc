// SPDX-License-Identifier: Apache-2.0

#include "services/s3/publish.h"

#include <utility>

namespace firmsign::s3 {

Expected<Judgement> Judge(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                          const WriteConditions& conditions) {
  if (!conditions.if_match && !conditions.if_none_match) return Judgement{};
  auto current = store::FindCurrent(transaction, bucket, key);
  if (!current && current.error().code != Code::kNotFound) return std::unexpected(std::move(current).error());
  Judgement judgement{.after_sequence = 0};
  if (current) {
    RETURN_IF_ERROR(store::HoldVersion(transaction, bucket, *current));
    judgement.after_sequence = current->sequence;
  }
  const bool exists = current && !current->is_delete_marker;
  if (conditions.if_match && !exists) {
    judgement.verdict = WriteVerdict::kNothingToMatch;
  } else if (conditions.if_match && !MatchesEtag(*conditions.if_match, current->etag)) {
    judgement.verdict = WriteVerdict::kIfMatchFails;
  } else if (conditions.if_none_match && exists) {
    judgement.verdict = WriteVerdict::kIfNoneMatchFails;
  }
  return judgement;
}

PublishOutcome TryPublish(Service& service, const store::Bucket& bucket, store::NewVersion version, StagedBlob* staged,
                          const WriteConditions& conditions, const Before& before) {
  PublishOutcome outcome;
  version.blob = staged;
  auto written = WriteBytes(
      service, staged, [&](db::Transaction& transaction, store::Garbage& garbage) -> Expected<store::Written> {
        // Its body may have taken long to come.
        ASSIGN_OR_RETURN(const store::Bucket now, store::FindSame(transaction, bucket));
        ASSIGN_OR_RETURN(const Judgement judgement, Judge(transaction, version.bucket, version.key, conditions));
        outcome.verdict = judgement.verdict;
        if (outcome.verdict != WriteVerdict::kHolds) return Fail(Code::kInvalid, "a precondition does not hold");
        version.after_sequence = judgement.after_sequence;
        if (before) RETURN_IF_ERROR(before(transaction, garbage));
        return store::PutVersion(transaction, now, version, garbage);
      });
  if (written) {
    outcome.written = *std::move(written);
  } else {
    outcome.error = std::move(written).error();
  }
  return outcome;
}

}  // namespace firmsign::s3
