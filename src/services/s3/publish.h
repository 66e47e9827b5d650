// SPDX-License-Identifier: Apache-2.0
//
// The last step of everything that makes an object: PutObject, CompleteMultipartUpload, CopyObject.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "aws/api_error.h"
#include "services/s3/range.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

// If-Match and If-None-Match of a write.
struct WriteConditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;  // only "*" is known to S3
};

enum class WriteVerdict { kHolds, kIfMatchFails, kIfNoneMatchFails, kNothingToMatch };

struct Judgement {
  WriteVerdict verdict = WriteVerdict::kHolds;
  // What was judged, to be given to store::PutVersion or DeleteCurrent; absent without conditions.
  std::optional<std::int64_t> after_sequence;
};

// Against the current version, which nobody can remove until the transaction ends; a delete marker counts as nothing.
// kConflict: it was replaced at this moment (PostgreSQL only).
Expected<Judgement> Judge(db::Transaction& transaction, std::string_view bucket, std::string_view key,
                          const WriteConditions& conditions);

// Work that belongs into the same transaction, before the version is put. As an answer it does not use kConflict
// (transact.h).
using Before = std::function<Expected<void>(db::Transaction&, store::Garbage&)>;

// What became of one attempt to publish; `error` is set when nothing was written.
struct PublishOutcome {
  WriteVerdict verdict = WriteVerdict::kHolds;
  std::optional<Error> error;
  store::Written written;
};
PublishOutcome TryPublish(Service& service, const store::Bucket& bucket, store::NewVersion version, StagedBlob* staged,
                          const WriteConditions& conditions, const Before& before);

// `bucket`: as the call was allowed to write to it. `staged`: the bytes, which `version` need not name; nullptr for an
// upload. They are kept or left to their owner as transact.h says. An error of `before` is passed on; who needs to tell
// it apart keeps a copy of it.
template <class Op>
std::expected<store::Written, aws::OperationError<Op>> Publish(Service& service, const store::Bucket& bucket,
                                                               const store::NewVersion& version, StagedBlob* staged,
                                                               const WriteConditions& conditions,
                                                               const Before& before = {}) {
  if (conditions.if_none_match && *conditions.if_none_match != "*") return RefuseNotImplemented("If-None-Match");
  PublishOutcome outcome = TryPublish(service, bucket, version, staged, conditions, before);
  switch (outcome.verdict) {
    case WriteVerdict::kHolds: break;
    case WriteVerdict::kIfMatchFails: return RefusePrecondition("If-Match");
    case WriteVerdict::kIfNoneMatchFails: return RefusePrecondition("If-None-Match");
    case WriteVerdict::kNothingToMatch: return RefuseNoSuchKey(version.key);
  }
  if (!outcome.error) return std::move(outcome.written);
  if (outcome.error->code == Code::kNotFound) return RefuseNoSuchBucket(version.bucket);
  if (outcome.error->code == Code::kConflict) {
    return RefuseWith<errors::ConditionalRequestConflict>(
        "The conditional request cannot succeed due to a conflicting operation against this resource.",
        {{"Key", std::string(version.key)}});
  }
  return std::unexpected(*std::move(outcome.error));
}

}  // namespace firmsign::s3
