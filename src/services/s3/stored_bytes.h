// SPDX-License-Identifier: Apache-2.0
//
// The port by which the operator looks at the object store as a whole (ports/stored_bytes.h).

#pragma once

#include "ports/stored_bytes.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

// Thread safety: safe.
class EmbeddedStoredBytes final : public ports::StoredBytes {
 public:
  // `service` outlives it.
  explicit EmbeddedStoredBytes(Service& service) : service_(service) {}

  Expected<std::vector<ports::BucketUsage>> ListUsage(const std::string& after, std::int64_t limit) override;
  Expected<ports::ScrubPage> Scrub(const std::string& from) override;

 private:
  Service& service_;
};

}  // namespace firmsign::s3
