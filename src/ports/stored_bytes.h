// SPDX-License-Identifier: Apache-2.0
//
// StoredBytes: what the operator asks of the object store as a whole: how much there is, and whether it is undamaged.
// Offered by services/s3.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong.h"

namespace firmsign::ports {

struct StoredAmount {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

// All versions count, older ones too; delete markers do not.
struct BucketUsage {
  std::string bucket;
  AccountId owner;
  Region region;
  StoredAmount signed_objects;  // that the signer wrote; copies of them are objects like others
  StoredAmount other_objects;
  StoredAmount unfinished_parts;  // of uploads that are not complete
};

struct DamagedObject {
  std::string bucket;
  std::string key;
  std::string version_id;  // empty for a part of an upload that is not complete
  std::int64_t part = 0;   // 0: the object is one piece
  std::string problem;     // for people
};

struct ScrubPage {
  StoredAmount read;
  std::vector<DamagedObject> damaged;
  std::string next;  // empty: that was all
};

// Thread safety: safe.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;

  // Buckets in the order of their names, those after `after` (empty: all), `limit` at most.
  virtual Expected<std::vector<BucketUsage>> ListUsage(const std::string& after, std::int64_t limit) = 0;
  // Reads the next pieces, decrypts them and compares them with every hash that is stored of them; returns after the
  // piece that makes 64 MiB. `from`: empty, or `next` of the page before. What is deleted meanwhile is no damage.
  // kInvalid: `from` is none.
  virtual Expected<ScrubPage> Scrub(const std::string& from) = 0;
};

}  // namespace firmsign::ports
