// SPDX-License-Identifier: Apache-2.0
//
// ScrubStorage: the operator has everything that is stored read and compared with its hashes, a piece a call.

#include <utility>

#include "services/iam/operator_operations.h"

namespace firmsign::iam {

aws::Result<operator_api::ops::ScrubStorage> ScrubStorage(
    Service& iam, const gateway::Authorized<operator_api::ops::ScrubStorage>& call) {
  auto page = iam.stored_bytes.Scrub(call.input().next_token.value_or(""));
  if (!page && page.error().code == Code::kInvalid) {
    return aws::Refuse<operator_api::errors::ValidationException>("nextToken is not one that ScrubStorage gave out.");
  }
  if (!page) return std::unexpected(std::move(page).error());
  operator_api::ScrubStorageResponse output{.read = {.count = page->read.count, .bytes = page->read.bytes}};
  for (ports::DamagedObject& one : page->damaged) {
    auto& told = output.damaged.emplace_back();
    told.bucket = std::move(one.bucket);
    told.key = std::move(one.key);
    told.problem = std::move(one.problem);
    if (!one.version_id.empty()) told.version_id = std::move(one.version_id);
    if (one.part != 0) told.part_number = one.part;
  }
  if (!page->next.empty()) output.next_token = std::move(page->next);
  return output;
}

}  // namespace firmsign::iam
