// SPDX-License-Identifier: Apache-2.0
//
// Tells in time that certificates end: by events, once a day for each, by the log, and by a number for the metrics.
//
// https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html. AWS sends "ACM Certificate Expired" for
// certificates of its own only; here imported ones have it, too.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/repeater.h"
#include "platform/db/lease.h"
#include "ports/event_bus.h"
#include "services/acm/service.h"

namespace firmsign::acm {

struct ExpiryWatchOptions {
  std::string holder = "this process";  // names this run of this node, as db::Lease wants it
  Duration interval = std::chrono::minutes(1);
  std::function<void()> on_looked = {};  // called after each time
};

// Thread safety: Start, Stop and Look belong to one thread; DaysLeft is safe.
class ExpiryWatch {
 public:
  // All of them outlive it.
  ExpiryWatch(Service& acm, ports::EventBus& events, const ExpiryWatchOptions& options)
      : acm_(acm),
        events_(events),
        options_(options),
        lease_(acm.store.database(), "acm/expiry", options.holder),
        first_end_(kNoEnd) {}

  void Start();
  // Idempotent.
  void Stop() { repeater_.Stop(); }

  // Looks at every certificate by the database's clock; how many events were sent. Of several nodes one sends at a
  // time. What the thread does, made callable for tests.
  Expected<std::int64_t> Look();
  // Until the first certificate of an active signing profile ends, as of the last look; below zero once it has. NaN:
  // there is none, or nobody has looked.
  double DaysLeft() const;

 private:
  static constexpr std::int64_t kNoEnd = INT64_MAX;
  struct Sight;

  Expected<void> LookAt(const Store::Place& place, Sight& sight) const;
  struct Told {
    std::int64_t not_after = 0;
    std::int64_t told = 0;

    friend bool operator==(const Told&, const Told&) = default;
  };
  static Told ToldOf(const crypto::CertificateInfo& info, Instant now);
  Expected<bool> Send(const StoredCertificate& stored, const crypto::CertificateInfo& info, bool is_used, Instant now);

  Service& acm_;
  ports::EventBus& events_;
  const ExpiryWatchOptions options_;
  db::Lease lease_;
  std::atomic<std::int64_t> first_end_;  // microseconds, as in Instant
  std::map<std::string, Told> told_;     // of certificates: what was sent, by whichever node, so that nobody asks again
  Repeater repeater_;
};

}  // namespace firmsign::acm
