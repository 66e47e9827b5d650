// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: records of changes in the transaction of the change, records of reads in batches.
//
// A record of a read waits in memory for at most `flush_interval`. When the database cannot take it (away, full) it
// waits longer, and reads go on; when the queue is full, or the database refuses a batch for another reason, records
// are lost. A loss is counted by account, logged when it begins, and itself recorded as the event AuditRecordsLost of
// that account as soon as the database takes records again.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "ports/audit_trail.h"
#include "services/cloudtrail/store.h"

namespace firmsign::cloudtrail {

struct TrailOptions {
  std::size_t queue_max = 100'000;                  // records that wait in memory at most
  std::size_t batch_max = 1'000;                    // records in one transaction at most
  std::chrono::milliseconds flush_interval{1'000};  // a record waits no longer than this
};

struct TrailStatistics {
  std::int64_t waiting = 0;
  std::int64_t lost = 0;  // since the start
};

// Thread safety: safe. Lifetime: store, clock and random outlive it.
class Trail final : public ports::AuditTrail {
 public:
  Trail(Store& store, const Clock& clock, Random& random, const TrailOptions& options = {});
  ~Trail() override;  // as Stop

  // Starts the thread that flushes. Call once.
  void Start();
  // Writes what waits and ends the thread; what then cannot be written is lost and logged, as is everything that is
  // queued later. Idempotent.
  void Stop();

  Expected<void> Write(db::Transaction& transaction, const ports::AuditRecord& record) override;
  Expected<void> WriteAlone(const ports::AuditRecord& record) override;
  void Queue(ports::AuditRecord record) override;

  // Writes what waits now. An error: some of it still waits (kUnavailable, kExhausted), or was lost (every other code).
  Expected<void> Flush();
  TrailStatistics Statistics() const;

 private:
  struct Loss {
    Region region;  // of the first record lost
    std::int64_t records = 0;
    Instant first;
    Instant last;
  };
  using Losses = std::map<AccountId, Loss>;

  void Run();
  // Takes the oldest records and all losses out of the queue; false when there is neither.
  bool TakeBatch(std::vector<ports::AuditRecord>& batch, Losses& losses);
  Expected<void> WriteBatch(const std::vector<ports::AuditRecord>& batch, const Losses& losses);
  void PutBack(std::vector<ports::AuditRecord> batch, const Losses& losses);
  void Lose(const std::vector<ports::AuditRecord>& batch, const Losses& losses, std::string_view cause);
  // Both with mutex_ held.
  void CountLost(const ports::AuditRecord& record);
  void Merge(const Losses& losses);
  ports::AuditRecord MakeLossRecord(const AccountId& account, const Loss& loss);

  Store& store_;
  const Clock& clock_;
  Random& random_;
  const TrailOptions options_;

  std::mutex flushing_;  // held by the one that flushes; taken before mutex_
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ports::AuditRecord> queue_;
  std::size_t in_flight_ = 0;  // taken out of the queue, not yet written
  Losses losses_;              // not yet recorded
  std::int64_t lost_ = 0;
  bool is_losing_ = false;  // said in the log already
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace firmsign::cloudtrail
