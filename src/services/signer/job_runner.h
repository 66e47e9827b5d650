// SPDX-License-Identifier: Apache-2.0
//
// JobRunner: takes signing jobs, signs, verifies what it signed, and publishes the result.
//
// A job is born with a lease of the node that accepted it and handed over in memory, so that no query is needed to find
// it. What memory forgets (a crash, a full queue, an answer of the database that was lost) is found in the store, by
// whichever node looks first once the lease has ended: a node renews the leases of what it has in hand, and of nothing
// else. A worker stages signed objects first and then, in one transaction, checks the fencing number of each job and
// makes object, outcome, event and audit record visible together: a job ends once, whatever dies, hangs or comes late.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "ports/audit_trail.h"
#include "ports/certificate_store.h"
#include "ports/event_bus.h"
#include "ports/object_store.h"
#include "services/signer/job_signer.h"
#include "services/signer/store.h"

namespace firmsign::signer {

struct JobRunnerOptions {
  std::size_t threads = 0;       // 0: one per core
  std::size_t batch_max = 32;    // jobs that one worker finishes in one transaction
  std::size_t queue_max = 8192;  // jobs handed over in memory and not begun
  std::chrono::seconds lease{60};
  std::chrono::milliseconds poll{500};  // how often the store is asked for jobs, when nobody tells of one
  std::chrono::seconds retry{5};        // how long a job rests after a passing failure
  bool use_stored_digest = true;        // sign the SHA-256 stored at upload instead of reading the image again
};

// What the runner works with; everything outlives it.
struct JobRunnerParts {
  Store& store;
  ports::ObjectStore& objects;
  ports::CertificateStore& certificates;
  Authority& authority;
  ports::AuditTrail& audit_trail;
  ports::EventBus& events;
  Random& random;
};

// A job on its way through a worker.
struct Assignment {
  Job job;
  std::optional<ports::ObjectFacts> source;  // as StartSigningJob saw it; versions never change
};

// Thread safety: safe.
class JobRunner {
 public:
  JobRunner(JobRunnerParts parts, JobRunnerOptions options);
  ~JobRunner();

  // Starts the workers. Leases that an earlier process of this deployment held end first when `is_only_node`.
  Expected<void> Start(bool is_only_node);
  // Lets jobs in hand end, gives back what is queued, joins the workers. Idempotent.
  void Stop();

  // The name and end of the lease that a new job is born with; its fencing number is 1. Without room in the queue the
  // lease has ended already, and whichever node has room claims the job.
  void LeaseNewJob(Job& job) const;
  // Hands over a job whose insertion is durable.
  void Submit(Assignment assignment);
  // Waits until this node has the job no longer in hand, `longest` at most. False: it did not wait, since the job is in
  // other hands, or since so many wait already that the threads of requests could run out.
  bool AwaitEnd(const JobId& id, std::chrono::milliseconds longest);

  // Signs one batch on the caller's thread: what the workers do, made callable for tests.
  void RunBatch(std::vector<Assignment> batch);
  // Claims waiting jobs and runs them on the caller's thread; how many there were. For tests, too.
  Expected<std::size_t> RunWaiting();
  // Extends the leases of what is in hand and has used up a third of its lease: what the keeper does.
  Expected<void> RenewLeases();

  std::int64_t succeeded() const { return succeeded_; }
  std::int64_t failed() const { return failed_; }

 private:
  struct Finished;
  struct Held {
    std::int64_t fence = 0;
    Instant lease_until;
  };

  void Work();
  void Keep();
  Finished Sign(Assignment assignment) const;
  Expected<bool> IsRevoked(const Job& job) const;
  void Announce(Finished& finished) const;
  void Publish(std::vector<Finished> finished);
  void PublishAlone(Finished& finished) const;
  void Conclude(Finished& finished);
  Expected<std::vector<Assignment>> Claim(std::size_t jobs_max);
  Expected<void> ClaimIntoQueue(bool is_due);
  void Hold(const Job& job);
  void LetGo(const Job& job);
  Expected<void> PublishOne(db::Transaction& transaction, Finished& finished, ports::Pace pace) const;
  std::vector<Assignment> TakeBatch();

  const JobRunnerParts parts_;
  const JobSigner signer_;
  const JobRunnerOptions options_;
  const std::string node_;

  mutable std::mutex mutex_;
  std::condition_variable work_waits_;    // the workers wait here
  std::condition_variable keeper_waits_;  // a wake-up for a worker must not reach the keeper
  std::condition_variable ends_waits_;    // who asks about a job waits here
  std::size_t ends_waiters_ = 0;
  std::deque<Assignment> queue_;
  std::unordered_map<JobId, Held> in_hand_;  // queued, or with a worker
  bool look_now_ = false;                    // jobs wait in the store, and there is room
  bool may_be_more_ = false;                 // the last look did not see the end of them
  bool stopping_ = false;
  std::size_t workers_ = 1;  // set before the first of them begins
  std::vector<std::thread> threads_;
  std::unique_ptr<db::Listening> listening_;
  std::atomic<std::int64_t> succeeded_{0};
  std::atomic<std::int64_t> failed_{0};
};

}  // namespace firmsign::signer
