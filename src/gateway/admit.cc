// SPDX-License-Identifier: Apache-2.0

#include "gateway/admit.h"

#include <fmt/format.h>

#include <algorithm>

namespace firmsign::gateway {
namespace {

// Buckets that are full again say nothing; they are dropped when there are this many, or twice what was left then.
constexpr std::size_t kBucketsMax = 10'000;

constexpr std::chrono::seconds kLeaseMax{1};
constexpr std::chrono::seconds kBankAwayFor{1};
// A batch that was used up faster than this was too small.
constexpr std::chrono::milliseconds kBatchTime{100};

double BurstOf(const RateLimit& limit) { return std::max(limit.per_second, 1.0); }

std::int64_t BatchMax(const RateLimit& limit) {
  return std::max(static_cast<std::int64_t>(limit.per_second / 10), std::int64_t{1});
}

// Whether `now` lies within `length` after `since`. Requests come a little out of order; a clock that was set back by
// more than that ends everything that was to last.
bool IsWithin(Instant now, Instant since, Duration length) {
  return now < since + length && now > since - std::chrono::seconds(1);
}

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
                          const Region& region, const Clock& clock) {
  if (!options_.enabled) return true;
  const RateLimit* limit = Find(service, operation);
  if (limit == nullptr) return true;
  const std::string name = fmt::format("{}/{}/{}/{}", account.str(), region.str(), service, operation);
  std::unique_lock lock(mutex_);
  const Instant now = clock.Now();
  const std::shared_ptr<Bucket> bucket = FindBucket(name, *limit, now);
  if (bank_ == nullptr) return TakeLocal(*bucket);
  ++bucket->waiting;
  const bool is_taken = TakeShared(lock, name, *bucket, *limit, now, clock);
  --bucket->waiting;
  return is_taken;
}

// Filled up to now.
std::shared_ptr<Admission::Bucket> Admission::FindBucket(const std::string& name, const RateLimit& limit, Instant now) {
  if (buckets_.size() >= clean_at_) {
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second->filled > std::chrono::seconds(60); });
    clean_at_ = std::max(kBucketsMax, 2 * buckets_.size());
  }
  const double burst = BurstOf(limit);
  std::shared_ptr<Bucket>& bucket = buckets_[name];
  if (!bucket) {
    bucket = std::make_shared<Bucket>();
    bucket->tokens = burst;
    bucket->filled = now;
  }
  const double seconds = std::max(0.0, static_cast<double>((now - bucket->filled).count()) / 1e6);
  bucket->tokens = std::min(burst, bucket->tokens + seconds * limit.per_second);
  bucket->filled = now;
  return bucket;
}

bool Admission::TakeLocal(Bucket& bucket) {
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

// One of the tokens that came from the bank.
bool Admission::TakeLeased(Bucket& bucket, const RateLimit& limit, Instant now) {
  if (bucket.leased == 0) return false;
  if (!IsWithin(now, bucket.leased_at, kLeaseMax)) {
    bucket.leased = 0;
    bucket.batch = std::max(bucket.used, std::int64_t{1});
    return false;
  }
  --bucket.leased;
  ++bucket.used;
  if (bucket.leased == 0 && now - bucket.leased_at < kBatchTime) {
    bucket.batch = std::min(2 * bucket.batch, BatchMax(limit));
  }
  static_cast<void>(TakeLocal(bucket));
  return true;
}

// One request at a time goes to the bank for all that wait for this bucket.
bool Admission::TakeShared(std::unique_lock<std::mutex>& lock, const std::string& name, Bucket& bucket,
                           const RateLimit& limit, Instant now, const Clock& clock) {
  while (true) {
    if (TakeLeased(bucket, limit, now)) return true;
    if (IsWithin(now, bucket.answered_at, bucket.closed_for)) return bucket.is_bank_away && TakeLocal(bucket);
    if (!bucket.is_withdrawing) {
      Withdraw(lock, name, bucket, limit, clock);
    } else {
      bucket.withdrawn.wait(lock, [&] { return !bucket.is_withdrawing; });
    }
    // The answer is for all that waited for it, however long it took.
    now = bucket.answered_at;
  }
}

// Afterwards there are tokens, or the bank is closed to requests that waited for its answer.
void Admission::Withdraw(std::unique_lock<std::mutex>& lock, const std::string& name, Bucket& bucket,
                         const RateLimit& limit, const Clock& clock) {
  const std::int64_t wanted = std::max(bucket.batch, std::int64_t{bucket.waiting});
  bucket.is_withdrawing = true;
  lock.unlock();
  const Expected<RateBank::Withdrawal> withdrawal = bank_->Withdraw(name, limit.per_second, BurstOf(limit), wanted);
  lock.lock();
  bucket.is_withdrawing = false;
  const Instant now = clock.Now();
  bucket.answered_at = now;
  bucket.closed_for = Duration::zero();
  bucket.is_bank_away = !withdrawal;
  if (!withdrawal) {
    // No need to report it: what this request wants of the database fails with a reason.
    bucket.closed_for = kBankAwayFor;
  } else {
    bucket.leased += withdrawal->granted;
    bucket.leased_at = now;
    bucket.used = 0;
    if (withdrawal->granted < wanted) {
      // Not only until the next token: nodes that run for each single one cost the database more than they get.
      const double rest = static_cast<double>(BatchMax(limit) - 1) / limit.per_second * 1e6;
      bucket.closed_for = std::max(withdrawal->next_in + Duration(static_cast<std::int64_t>(rest)), Duration(1));
    }
  }
  bucket.withdrawn.notify_all();
}

}  // namespace firmsign::gateway
