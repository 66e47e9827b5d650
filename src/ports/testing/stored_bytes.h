// SPDX-License-Identifier: Apache-2.0
//
// For tests: an object store whose buckets and damage are made up.

#pragma once

#include <string>
#include <vector>

#include "ports/stored_bytes.h"

namespace firmsign::ports {

// Thread safety: confined.
class FakeStoredBytes final : public StoredBytes {
 public:
  std::vector<BucketUsage> buckets;  // in the order of their names
  ScrubPage page;                    // the answer from the beginning

  Expected<std::vector<BucketUsage>> ListUsage(const std::string& after, std::int64_t limit) override {
    std::vector<BucketUsage> found;
    for (const BucketUsage& bucket : buckets) {
      if (bucket.bucket > after && std::ssize(found) < limit) found.push_back(bucket);
    }
    return found;
  }
  Expected<ScrubPage> Scrub(const std::string& from) override {
    if (!from.empty()) return Fail(Code::kInvalid, "unknown");
    return page;
  }
};

}  // namespace firmsign::ports
