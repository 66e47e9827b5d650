// SPDX-License-Identifier: Apache-2.0
//
// Admission: rate limits per account, region and operation, and a limit on work in flight.
//
// The limits of the developer guide are Signer's: 5 StartSigningJob and 25 of each other operation per second. A bucket
// holds one second's worth, so that a client that was idle may send a burst of that size.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/strong.h"
#include "base/time.h"

namespace firmsign::gateway {

// How often an operation may be called, per account and region.
struct RateLimit {
  std::string service;    // signing name, "signer"
  std::string operation;  // empty: each operation of the service that has no limit of its own
  double per_second = 0;
};

struct AdmitOptions {
  bool enabled = true;
  std::vector<RateLimit> limits;
  std::int64_t in_flight_max = 4096;  // requests between here and their answer
};

// Thread safety: safe.
class Admission {
 public:
  explicit Admission(AdmitOptions options) : options_(std::move(options)) {}

  // Holds a place among the requests in flight until destroyed.
  class Place {
   public:
    explicit Place(std::atomic<std::int64_t>& count) : count_(&count) {}
    Place(Place&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (count_ != nullptr) count_->fetch_sub(1);
    }

   private:
    std::atomic<std::int64_t>* count_;
  };
  // nullopt: too many requests in flight.
  std::optional<Place> TakePlace();

  // False: this account has used up its rate for this operation.
  bool TakeToken(std::string_view service, std::string_view operation, const AccountId& account, const Region& region,
                 Instant now);

 private:
  struct Bucket {
    double tokens = 0;
    Instant filled;
  };
  const RateLimit* Find(std::string_view service, std::string_view operation) const;

  const AdmitOptions options_;
  std::atomic<std::int64_t> in_flight_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace firmsign::gateway
