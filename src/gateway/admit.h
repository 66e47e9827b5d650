// SPDX-License-Identifier: Apache-2.0
//
// Admission: rate limits per account, region and operation, and a limit on work in flight.
//
// The limits of the developer guide are Signer's: 5 StartSigningJob and 25 of each other operation per second. A bucket
// holds one second's worth, so that a client that was idle may send a burst of that size.
//
// One process alone keeps its buckets itself. Nodes that share a deployment share a bank (rate_bank.h) and lease tokens
// from it in batches, so that most requests cost nothing: a batch grows with what this node uses, up to a tenth of a
// second's worth, and what is not used within a second is forgotten, so that a node that has little to do takes little
// from the others. A node to which the bank could not give all it wanted leaves it alone until there is a batch again.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
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
#include "gateway/rate_bank.h"

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
  // `bank`, which outlives this, is shared with the other nodes; nullptr: there are none.
  explicit Admission(AdmitOptions options, RateBank* bank = nullptr) : options_(std::move(options)), bank_(bank) {}

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

  // False: this account has used up its rate for this operation. Waits for the bank when the batch is used up; while
  // the bank fails, each node limits what comes to it by itself. `clock` is read as the request comes and as tokens do.
  bool TakeToken(std::string_view service, std::string_view operation, const AccountId& account, const Region& region,
                 const Clock& clock);

 private:
  // Of one account, region and operation.
  struct Bucket {
    // What counts where there is no bank or it fails. With a bank it is drawn from as well, so that it holds no second
    // burst for the moment in which the bank fails.
    double tokens = 0;
    Instant filled;

    std::int64_t leased = 0;  // tokens of the bank that are left here
    Instant leased_at;        // when the last of them came
    std::int64_t used = 0;    // since then
    std::int64_t batch = 1;   // to ask for

    int waiting = 0;  // requests between their coming and their answer
    bool is_withdrawing = false;
    std::condition_variable withdrawn;

    // The bank is not asked from `answered_at` for `closed_for`.
    Instant answered_at;
    Duration closed_for{0};
    bool is_bank_away = false;  // as of answered_at
  };

  const RateLimit* Find(std::string_view service, std::string_view operation) const;
  std::shared_ptr<Bucket> FindBucket(const std::string& name, const RateLimit& limit, Instant now);
  static bool TakeLocal(Bucket& bucket);
  static bool TakeLeased(Bucket& bucket, const RateLimit& limit, Instant now);
  bool TakeShared(std::unique_lock<std::mutex>& lock, const std::string& name, Bucket& bucket, const RateLimit& limit,
                  Instant now, const Clock& clock);
  void Withdraw(std::unique_lock<std::mutex>& lock, const std::string& name, Bucket& bucket, const RateLimit& limit,
                const Clock& clock);

  const AdmitOptions options_;
  RateBank* const bank_;
  std::atomic<std::int64_t> in_flight_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Bucket>> buckets_;
  std::size_t clean_at_ = 10'000;  // buckets
};

}  // namespace firmsign::gateway
