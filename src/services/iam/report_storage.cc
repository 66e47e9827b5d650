// SPDX-License-Identifier: Apache-2.0
//
// ReportStorage: what each bucket holds, page by page. The token of a page is the last bucket on the page before.

#include <utility>

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kBucketsOnAPage = 100;

operator_api::StoredAmount Tell(const ports::StoredAmount& amount) {
  return {.count = amount.count, .bytes = amount.bytes};
}

}  // namespace

aws::Result<operator_api::ops::ReportStorage> ReportStorage(
    Service& iam, const gateway::Authorized<operator_api::ops::ReportStorage>& call) {
  const operator_api::ReportStorageRequest& input = call.input();
  const std::int64_t wanted = input.max_results.value_or(kBucketsOnAPage);
  // One more than wanted, to know whether any follow.
  ASSIGN_OR_RETURN(auto usage, iam.stored_bytes.ListUsage(input.next_token.value_or(""), wanted + 1));
  operator_api::ReportStorageResponse output;
  if (std::ssize(usage) > wanted) {
    usage.resize(static_cast<std::size_t>(wanted));
    output.next_token = usage.back().bucket;
  }
  for (ports::BucketUsage& bucket : usage) {
    output.buckets.push_back({.bucket = std::move(bucket.bucket),
                              .account_id = bucket.owner.str(),
                              .region = bucket.region.str(),
                              .signed_objects = Tell(bucket.signed_objects),
                              .other_objects = Tell(bucket.other_objects),
                              .unfinished_parts = Tell(bucket.unfinished_parts)});
  }
  return output;
}

}  // namespace firmsign::iam
