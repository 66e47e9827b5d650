// SPDX-License-Identifier: Apache-2.0

#include "services/signer/job_runner.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "base/thread_name.h"
#include "platform/telemetry/log.h"
#include "services/signer/announcements.h"
#include "services/signer/new_job.h"

namespace firmsign::signer {
namespace {

using telemetry::Level;
using telemetry::Log;

// Failures that another try may cure; everything else ends the job.
bool IsPassing(const Error& error) { return error.code == Code::kUnavailable || error.code == Code::kExhausted; }

// Nobody can tell whether a transaction that ended like this has happened.
bool IsUncertain(const Error& error) { return error.code == Code::kUnavailable; }

// What wakes the keepers of all nodes.
constexpr std::string_view kJobsWait = "signer_jobs";
constexpr int kPublishAttempts = 3;
constexpr std::int64_t kClaimsMax = 5;         // of a job whose holders all died
constexpr std::int64_t kClaimsSuspicious = 2;  // from here on it is signed alone, so that no other suffers with it
constexpr std::size_t kReasonBytesMax = 1000;
constexpr std::size_t kEndsWaitersMax = 16;    // of the threads of requests, of which there are 128 by default
constexpr std::size_t kRenewedTogether = 200;  // so that nobody waits long for a row

JobLease LeaseOf(const Job& job) { return {.id = job.id, .fence = job.fence}; }

constexpr std::string_view kInternalReason =
    "The job failed for an internal reason. Start a new job; the server's log has the cause.";

// For a reason that quotes what a user sent.
std::string Shortened(std::string text) {
  if (text.size() <= kReasonBytesMax) return text;
  std::size_t end = kReasonBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;  // not within a character of UTF-8
  return text.substr(0, end) + "...";
}

std::string ReasonOf(const Job& job, const Error& error) {
  switch (error.code) {
    case Code::kInvalid:
    case Code::kNotFound: return Shortened(error.message);
    case Code::kCorrupt:
      return "The stored bytes of S3 object " + job.source_key +
             " are not what was uploaded. Upload the image again and start a new job.";
    default: return std::string(kInternalReason);
  }
}

// Whether a worker takes it without any other: it may bring the process down, or takes long and much room.
bool IsAlone(const Job& job) {
  const signing::Platform* platform = signing::FindPlatform(job.platform_id);
  return job.claims >= kClaimsSuspicious || (platform != nullptr && platform->output == signing::Output::kSignedZip);
}

}  // namespace

struct JobRunner::Finished {
  Job job;
  std::optional<ports::ObjectFacts> source;
  Outcome outcome;
  std::unique_ptr<ports::StagedObject> object;  // when it succeeded
  std::optional<Error> passing;                 // to be tried again
  bool is_refused_by_bucket = false;            // the destination did not take the object
  bool may_be_published = false;                // a transaction whose outcome nobody can tell
  std::string digest;                           // what was signed
  // What is announced with the outcome.
  Instant ended_at;
  ports::Event event;
  ports::AuditRecord record;
  bool is_published = false;
};

JobRunner::JobRunner(JobRunnerParts parts, JobRunnerOptions options)
    : parts_(parts),
      signer_({parts.store, parts.objects, parts.certificates, parts.authority}, options.use_stored_digest),
      options_(options),
      node_(MakeUuid(parts.random)) {}

JobRunner::~JobRunner() { Stop(); }

Expected<void> JobRunner::Start(bool is_only_node) {
  if (is_only_node) RETURN_IF_ERROR(parts_.store.EndAllLeases());
  listening_ = parts_.store.database().Listen(std::string(kJobsWait), [this] {
    {
      const std::lock_guard lock(mutex_);
      look_now_ = true;
    }
    keeper_waits_.notify_one();
  });
  workers_ = options_.threads != 0 ? options_.threads : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < workers_; ++i) threads_.emplace_back([this] { Work(); });
  threads_.emplace_back([this] { Keep(); });
  return {};
}

void JobRunner::Stop() {
  listening_.reset();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_waits_.notify_all();
  keeper_waits_.notify_all();
  ends_waits_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  std::vector<JobLease> left;
  {
    const std::lock_guard lock(mutex_);
    for (const Assignment& assignment : queue_) left.push_back(LeaseOf(assignment.job));
    queue_.clear();
    in_hand_.clear();
  }
  if (left.empty()) return;
  if (auto returned = parts_.store.ReturnJobs(left, Instant{0}); !returned) {
    // The leases end by themselves.
    Log(Level::kWarning, "jobs_not_returned",
        {{"jobs", static_cast<std::int64_t>(left.size())}, {"cause", returned.error().message}});
  }
  parts_.store.database().Notify(kJobsWait);
}

void JobRunner::LeaseNewJob(Job& job) const {
  job.fence = 1;
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= options_.queue_max) return;
  job.lease_owner = node_;
  job.lease_until = parts_.store.database().Now() + options_.lease;
}

void JobRunner::Submit(Assignment assignment) {
  // Born without a lease: somebody claims it from the store, perhaps already has.
  if (assignment.job.lease_owner.empty()) return parts_.store.database().Notify(kJobsWait);
  {
    const std::lock_guard lock(mutex_);
    Hold(assignment.job);
    queue_.push_back(std::move(assignment));
  }
  work_waits_.notify_one();
}

bool JobRunner::AwaitEnd(const JobId& id, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  if (ends_waiters_ >= kEndsWaitersMax || !in_hand_.contains(id)) return false;
  ++ends_waiters_;
  ends_waits_.wait_for(lock, longest, [&] { return stopping_ || !in_hand_.contains(id); });
  --ends_waiters_;
  return true;
}

std::vector<Assignment> JobRunner::TakeBatch() {
  std::vector<Assignment> batch;
  std::unique_lock lock(mutex_);
  work_waits_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return batch;
  // An even share for each worker, so that one does not sign everything while the others look on.
  const std::size_t share = std::clamp(queue_.size() / workers_, std::size_t{1}, options_.batch_max);
  for (std::size_t i = 0; i < share; ++i) {
    const bool is_alone = IsAlone(queue_.front().job);
    if (is_alone && i != 0) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (is_alone) break;
  }
  if (may_be_more_ && queue_.size() < options_.batch_max) {
    look_now_ = true;
    keeper_waits_.notify_one();
  }
  return batch;
}

void JobRunner::Work() {
  NameThisThread("job worker");
  while (true) {
    std::vector<Assignment> batch = TakeBatch();
    if (batch.empty()) return;
    RunBatch(std::move(batch));
  }
}

// Renews the leases of what is in hand and looks for jobs that nobody has in hand.
void JobRunner::Keep() {
  NameThisThread("job keeper");
  Instant due = parts_.store.database().Now();
  while (true) {
    {
      std::unique_lock lock(mutex_);
      keeper_waits_.wait_for(lock, options_.poll, [this] { return stopping_ || look_now_; });
      if (stopping_) return;
      look_now_ = false;
    }
    // Woken for a look, it may be back here at once, and all that is in hand is much to go through.
    const Instant now = parts_.store.database().Now();
    const bool is_due = now >= due || due - now > options_.poll;  // or the clock was set back
    if (is_due) {
      due = now + options_.poll;
      if (auto done = RenewLeases(); !done) {
        Log(Level::kWarning, "leases_not_renewed", {{"cause", done.error().message}});
      }
    }
    if (auto done = ClaimIntoQueue(is_due); !done) {
      Log(Level::kWarning, "jobs_not_claimed", {{"cause", done.error().message}});
    }
  }
}

// With the mutex held.
void JobRunner::Hold(const Job& job) { in_hand_[job.id] = {.fence = job.fence, .lease_until = job.lease_until}; }

void JobRunner::LetGo(const Job& job) {
  const std::lock_guard lock(mutex_);
  // This node may have claimed it once more meanwhile.
  if (const auto found = in_hand_.find(job.id); found != in_hand_.end() && found->second.fence == job.fence) {
    in_hand_.erase(found);
  }
  if (ends_waiters_ > 0) ends_waits_.notify_all();
}

Expected<void> JobRunner::RenewLeases() {
  const Instant now = parts_.store.database().Now();
  const Instant until = now + options_.lease;
  std::vector<JobLease> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, held] : in_hand_) {
      if (held.lease_until - now < options_.lease * 2 / 3) due.push_back({.id = id, .fence = held.fence});
    }
  }
  for (std::size_t begin = 0; begin < due.size(); begin += kRenewedTogether) {
    const auto part = std::span(due).subspan(begin, std::min(kRenewedTogether, due.size() - begin));
    RETURN_IF_ERROR(parts_.store.RenewLeases(part, until));
    const std::lock_guard lock(mutex_);
    for (const JobLease& lease : part) {
      const auto found = in_hand_.find(lease.id);
      if (found != in_hand_.end() && found->second.fence == lease.fence) found->second.lease_until = until;
    }
  }
  return {};
}

Expected<std::vector<Assignment>> JobRunner::Claim(std::size_t jobs_max) {
  const Instant now = parts_.store.database().Now();
  ASSIGN_OR_RETURN(std::vector<Job> jobs,
                   parts_.store.ClaimJobs(node_, now, now + options_.lease, static_cast<int>(jobs_max)));
  std::vector<Assignment> claimed;
  const std::lock_guard lock(mutex_);
  for (Job& job : jobs) {
    Hold(job);
    claimed.push_back({.job = std::move(job), .source = {}});
  }
  return claimed;
}

// No more than the workers soon come to, so that the rest is there for other nodes: they ask for more. But one batch
// when it is due, however much is new, and before it: these jobs have waited longest.
Expected<void> JobRunner::ClaimIntoQueue(bool is_due) {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      may_be_more_ = true;
      if (stopping_ || (!is_due && queue_.size() >= workers_ * options_.batch_max)) return {};
    }
    is_due = false;
    ASSIGN_OR_RETURN(std::vector<Assignment> claimed, Claim(options_.batch_max));
    const bool is_all = claimed.size() < options_.batch_max;
    {
      const std::lock_guard lock(mutex_);
      may_be_more_ = !is_all;
      queue_.insert(queue_.begin(), std::move_iterator(claimed.begin()), std::move_iterator(claimed.end()));
    }
    work_waits_.notify_all();
    if (is_all) return {};
  }
}

Expected<std::size_t> JobRunner::RunWaiting() {
  std::size_t total = 0;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<Assignment> claimed, Claim(options_.batch_max));
    if (claimed.empty()) return total;
    total += claimed.size();
    RunBatch(std::move(claimed));
  }
}

void JobRunner::RunBatch(std::vector<Assignment> batch) {
  const Expected<void> caught_up = signer_.CatchUp();
  std::vector<Finished> finished;
  finished.reserve(batch.size());
  for (Assignment& assignment : batch) {
    if (caught_up) {
      finished.push_back(Sign(std::move(assignment)));
    } else {
      finished.push_back({.job = std::move(assignment.job), .source = {}, .passing = caught_up.error()});
    }
  }
  Publish(std::move(finished));
}

JobRunner::Finished JobRunner::Sign(Assignment assignment) const {
  Finished finished{.job = std::move(assignment.job), .source = std::move(assignment.source)};
  if (finished.job.claims > kClaimsMax) {
    finished.outcome = {.succeeded = false,
                        .reason =
                            "The server ended each time when it signed this image. Its log has the causes; start a "
                            "new job when they are mended."};
    Log(Level::kError, "job_given_up", {{"job", finished.job.id.str()}, {"claims", finished.job.claims}});
    return finished;
  }
  auto done = signer_.Sign(finished.job, std::move(finished.source));
  if (done) {
    finished.object = std::move(done->object);
    finished.digest = std::move(done->digest);
    finished.outcome = {.succeeded = true, .reason = std::string(kSigningSucceeded)};
  } else if (IsPassing(done.error())) {
    finished.passing = std::move(done).error();
  } else {
    finished.outcome = {.succeeded = false, .reason = ReasonOf(finished.job, done.error())};
    Log(Level::kWarning, "job_failing",
        {{"job", finished.job.id.str()}, {"code", CodeName(done.error().code)}, {"cause", done.error().message}});
  }
  return finished;
}

// What the transaction will write is made before it, so that the one thread that writes does not wait for it.
void JobRunner::Announce(Finished& finished) const {
  finished.ended_at = parts_.store.database().Now();
  finished.event = StatusEvent(finished.job, finished.outcome, finished.ended_at, parts_.random);
  finished.record = StatusRecord(finished.job, finished.outcome, finished.digest, finished.ended_at, parts_.random);
}

Expected<void> JobRunner::PublishOne(db::Transaction& transaction, Finished& finished, ports::Pace pace) const {
  const Job& job = finished.job;
  finished.is_published = finished.is_refused_by_bucket = false;
  if (pace == ports::Pace::kPosted) {
    RETURN_IF_ERROR(parts_.store.PostEndJob(transaction, job, finished.outcome, finished.ended_at));
  } else {
    ASSIGN_OR_RETURN(const bool is_ours, parts_.store.EndJob(transaction, job, finished.outcome, finished.ended_at));
    if (!is_ours) return {};  // another worker took over: its result counts
  }
  if (finished.outcome.succeeded) {
    const std::string resource = "arn:aws:s3:::" + job.destination_bucket + "/" + job.destination_key;
    const auto grant =
        policy::Grant::Stored("decided by StartSigningJob", "s3:PutObject", resource, job.destination_owner);
    const auto put = parts_.objects.Publish(transaction, grant, job.destination_bucket, job.destination_key,
                                            "application/octet-stream", *finished.object, pace);
    finished.is_refused_by_bucket = !put.has_value();
    if (!put) return std::unexpected(put.error());
  }
  RETURN_IF_ERROR(parts_.events.Announce(transaction, finished.event));
  RETURN_IF_ERROR(parts_.audit_trail.Write(transaction, finished.record));
  finished.is_published = true;
  return {};
}

// All in one transaction, and nobody waits for a single statement of it; if that fails, each in its own and step by
// step, so that a failure is borne by the job that caused it.
void JobRunner::Publish(std::vector<Finished> finished) {
  // In the order in which Store locks several jobs.
  std::ranges::sort(finished, {}, [](const Finished& one) -> const std::string& { return one.job.id.str(); });
  for (Finished& one : finished) {
    if (!one.passing) Announce(one);
  }
  const auto committed = parts_.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (Finished& one : finished) {
      if (!one.passing) RETURN_IF_ERROR(PublishOne(transaction, one, ports::Pace::kPosted));
    }
    return {};
  });
  for (Finished& one : finished) {
    if (!committed && !one.passing) {
      one.may_be_published = IsUncertain(committed.error());
      PublishAlone(one);
    }
    Conclude(one);
  }
}

Expected<bool> JobRunner::IsRevoked(const Job& job) const {
  if (!job.has_profile()) return false;
  ASSIGN_OR_RETURN(const std::optional<Profile> profile,
                   parts_.store.FindProfile(job.owner, job.region, job.profile_name));
  return profile && profile->version == job.profile_version && profile->revocation;
}

// What cannot be published fails for good; what is passing is tried again.
void JobRunner::PublishAlone(Finished& finished) const {
  const auto attempt = [&] {
    Expected<void> done;
    for (int i = 0; i < kPublishAttempts; ++i) {
      done = parts_.store.database().InTransaction(
          [&](db::Transaction& transaction) { return PublishOne(transaction, finished, ports::Pace::kAwaited); });
      if (!done && IsUncertain(done.error())) finished.may_be_published = true;
      if (done || done.error().code != Code::kConflict) break;  // a conflict: another writer of the key came first
    }
    return done;
  };
  const Expected<bool> is_revoked = finished.outcome.succeeded ? IsRevoked(finished.job) : false;
  if (is_revoked && *is_revoked) {
    finished.outcome = {.succeeded = false,
                        .reason = "Signing Profile " + finished.job.profile_name.str() + " was revoked meanwhile."};
    Announce(finished);
  }
  Expected<void> done = is_revoked ? attempt() : std::unexpected(is_revoked.error());
  if (!done && !IsPassing(done.error()) && finished.outcome.succeeded) {
    Log(Level::kWarning, "job_not_published", {{"job", finished.job.id.str()}, {"cause", done.error().message}});
    const std::string refused = "The signed object could not be written to bucket " + finished.job.destination_bucket +
                                ". Check that the bucket exists.";
    finished.outcome = {.succeeded = false,
                        .reason = finished.is_refused_by_bucket ? refused : std::string(kInternalReason)};
    Announce(finished);
    done = attempt();
  }
  if (!done) finished.passing = std::move(done).error();
}

// After the commit: what is not part of the database, and one line for the log.
void JobRunner::Conclude(Finished& finished) {
  const Job& job = finished.job;
  LetGo(job);
  // What may have been published names the staged object: its bytes stay.
  const bool is_certain = finished.is_published && !finished.passing;
  if (finished.object && finished.may_be_published && !is_certain) parts_.objects.Abandon(*finished.object);
  if (finished.passing) {
    Log(Level::kWarning, "job_delayed", {{"job", job.id.str()}, {"cause", finished.passing->message}});
    const Instant at = parts_.store.database().Now() + options_.retry;
    if (auto returned = parts_.store.ReturnJobs(std::array{LeaseOf(job)}, at); !returned) {
      // Its lease ends by itself.
      Log(Level::kWarning, "job_not_returned", {{"job", job.id.str()}, {"cause", returned.error().message}});
    }
    return;
  }
  if (!finished.is_published) {
    Log(Level::kInfo, "job_taken_over", {{"job", job.id.str()}});
    return;
  }
  if (finished.object && finished.outcome.succeeded) parts_.objects.Published(*finished.object);
  (finished.outcome.succeeded ? succeeded_ : failed_).fetch_add(1);
  Log(Level::kInfo, "job_ended",
      {{"job", job.id.str()},
       {"account", job.owner.str()},
       {"status", finished.outcome.succeeded ? "Succeeded" : "Failed"},
       {"reason", finished.outcome.reason},
       {"micros", (parts_.store.database().Now() - job.created_at).count()}});
}

}  // namespace firmsign::signer
