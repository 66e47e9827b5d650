// SPDX-License-Identifier: Apache-2.0

#include "gateway/admit.h"

#include <fmt/format.h>

#include <algorithm>

namespace firmsign::gateway {
namespace {

// Buckets that are full again say nothing; they are dropped when there are this many.
constexpr std::size_t kBucketsMax = 10'000;

}  // namespace

std::optional<Admission::Place> Admission::TakePlace() {
  const std::int64_t before = in_flight_.fetch_add(1);
  Place place(in_flight_);
  if (before >= options_.in_flight_max) return std::nullopt;
  return place;
}

const RateLimit* Admission::Find(std::string_view service, std::string_view operation) const {
  const RateLimit* found = nullptr;
  for (const RateLimit& limit : options_.limits) {
    if (limit.service != service) continue;
    if (limit.operation == operation) return &limit;
    if (limit.operation.empty()) found = &limit;
  }
  return found;
}

bool Admission::TakeToken(std::string_view service, std::string_view operation, const AccountId& account,
                          const Region& region, Instant now) {
  if (!options_.enabled) return true;
  const RateLimit* limit = Find(service, operation);
  if (limit == nullptr) return true;
  const double burst = std::max(limit->per_second, 1.0);
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kBucketsMax) {
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled > std::chrono::seconds(60); });
  }
  Bucket& bucket = buckets_
                       .try_emplace(fmt::format("{}/{}/{}/{}", account.str(), region.str(), service, operation),
                                    Bucket{.tokens = burst, .filled = now})
                       .first->second;
  const double seconds = std::max(0.0, static_cast<double>((now - bucket.filled).count()) / 1e6);
  bucket.tokens = std::min(burst, bucket.tokens + seconds * limit->per_second);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace firmsign::gateway
