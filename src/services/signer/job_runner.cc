// SPDX-License-Identifier: Apache-2.0

#include "services/signer/job_runner.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "base/thread_name.h"
#include "engine/signing/sign.h"
#include "platform/telemetry/log.h"
#include "services/signer/announcements.h"

namespace firmsign::signer {
namespace {

using telemetry::Level;
using telemetry::Log;

// The source of a job as the engine reads it; opened at the first read, which a stored digest makes unnecessary.
class SourceImage final : public signing::Image {
 public:
  SourceImage(ports::ObjectStore& objects, const Job& job, std::optional<ports::ObjectFacts> facts, bool use_digest)
      : objects_(objects), job_(job), facts_(std::move(facts)), use_digest_(use_digest) {}

  Expected<void> Prepare() { return facts_ ? Expected<void>() : Open(); }
  ports::ObjectName name() const { return {job_.source_bucket, job_.source_key, job_.source_version}; }

  const std::string& content_id() const { return facts_->content_id; }

  std::uint64_t size() const override { return facts_->size; }
  std::optional<std::string> stored_sha256() const override {
    return use_digest_ ? facts_->sha256 : std::optional<std::string>();
  }
  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (!reader_) RETURN_IF_ERROR(Open());
    return reader_->ReadAt(offset, out);
  }

 private:
  Expected<void> Open() {
    const std::string resource = "arn:aws:s3:::" + job_.source_bucket + "/" + job_.source_key;
    const auto grant =
        policy::Grant::Stored("decided by StartSigningJob", "s3:GetObjectVersion", resource, job_.source_owner);
    ASSIGN_OR_RETURN(reader_, objects_.Open(grant, name()));
    // The version "null" can be written again after the job was started with the one that it was.
    if (!job_.source_content.empty() && job_.source_content != reader_->facts().content_id) {
      return Fail(Code::kInvalid, "S3 object " + job_.source_key + " was replaced after the job was started.");
    }
    facts_ = reader_->facts();
    return {};
  }

  ports::ObjectStore& objects_;
  const Job& job_;
  std::optional<ports::ObjectFacts> facts_;
  const bool use_digest_;
  std::unique_ptr<ports::ObjectReader> reader_;
};

// Failures that another try may cure; everything else ends the job.
bool IsPassing(const Error& error) { return error.code == Code::kUnavailable || error.code == Code::kExhausted; }

// Nobody can tell whether a transaction that ended like this has happened.
bool IsUncertain(const Error& error) { return error.code == Code::kUnavailable; }

// What wakes the keepers of all nodes.
constexpr std::string_view kJobsWait = "signer_jobs";
constexpr int kPublishAttempts = 3;
constexpr std::size_t kRenewedTogether = 200;  // so that nobody waits long for a row

JobLease LeaseOf(const Job& job) { return {.id = job.id, .fence = job.fence}; }

constexpr std::string_view kInternalReason =
    "The job failed for an internal reason. Start a new job; the server's log has the cause.";

std::string ReasonOf(const Job& job, const Error& error) {
  switch (error.code) {
    case Code::kInvalid: return error.message;
    case Code::kNotFound: return error.message;
    case Code::kCorrupt:
      return "The stored bytes of S3 object " + job.source_key +
             " are not what was uploaded. Upload the image again and start a new job.";
    default: return std::string(kInternalReason);
  }
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
    : parts_(parts), options_(options), node_(MakeUuid(parts.random)) {}

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

std::vector<Assignment> JobRunner::TakeBatch() {
  std::vector<Assignment> batch;
  std::unique_lock lock(mutex_);
  work_waits_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return batch;
  // An even share for each worker, so that one does not sign everything while the others look on.
  const std::size_t share = std::clamp(queue_.size() / workers_, std::size_t{1}, options_.batch_max);
  for (std::size_t i = 0; i < share; ++i) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
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
  const Expected<void> caught_up = parts_.certificates.CatchUp();
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
  if (auto done = SignInto(finished); !done) {
    if (IsPassing(done.error())) {
      finished.passing = std::move(done).error();
    } else {
      finished.outcome = {.succeeded = false, .reason = ReasonOf(finished.job, done.error())};
      Log(Level::kWarning, "job_failing",
          {{"job", finished.job.id.str()}, {"code", CodeName(done.error().code)}, {"cause", done.error().message}});
    }
  }
  return finished;
}

// From a job to a staged signed object.
Expected<void> JobRunner::SignInto(Finished& finished) const {
  const Job& job = finished.job;
  const signing::Platform* platform = signing::FindPlatform(job.platform_id);
  if (platform == nullptr) return Fail(Code::kInvalid, "There is no signing platform " + job.platform_id + ".");
  ASSIGN_OR_RETURN(const signing::Recipe recipe,
                   signing::MakeRecipe(*platform, job.overrides.encryption_algorithm, job.overrides.hash_algorithm,
                                       job.overrides.image_format));

  auto material = parts_.certificates.Find(job.owner, job.region, job.certificate_arn);
  if (!material) {
    if (material.error().code == Code::kCorrupt) return Fail(Code::kInternal, material.error().message);
    if (material.error().code != Code::kNotFound) return std::unexpected(std::move(material).error());
    return Fail(Code::kInvalid, "The certificate " + job.certificate_arn +
                                    " is no longer in ACM. Create a profile with another certificate.");
  }
  const crypto::CertificateInfo& certificate = (*material)->certificate.info();
  if (certificate.not_after <= parts_.store.database().Now()) {
    return Fail(Code::kInvalid, "The certificate " + job.certificate_arn + " expired on " +
                                    FormatIso8601(certificate.not_after) + ". Import a renewed one.");
  }

  SourceImage image(parts_.objects, job, finished.source, options_.use_stored_digest);
  if (auto prepared = image.Prepare(); !prepared) {
    if (prepared.error().code != Code::kNotFound) return prepared;
    return Fail(Code::kInvalid,
                "S3 object " + job.source_key + " is no longer there in version " + job.source_version + ".");
  }
  ASSIGN_OR_RETURN(const signing::Signature signature,
                   signing::SignImage(recipe, image, *(*material)->key, (*material)->certificate.public_key()));
  if (signature.computed_sha256 && options_.use_stored_digest) {
    parts_.objects.RememberSha256(image.name(), image.content_id(), *signature.computed_sha256);
  }

  const signing::SourceLocation location{job.source_bucket, job.source_key, job.source_version};
  ASSIGN_OR_RETURN(std::unique_ptr<ports::ObjectWriter> writer,
                   parts_.objects.Stage(signing::SignedObjectBytes(recipe, signature, location)));
  RETURN_IF_ERROR(signing::WriteSignedObject(recipe, signature, image, location,
                                             [&](std::string_view bytes) { return writer->Append(bytes); }));
  ASSIGN_OR_RETURN(finished.object, writer->Finish());
  finished.digest = signature.signed_digest;
  finished.outcome = {.succeeded = true, .reason = "Signing Succeeded"};
  return {};
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
  Expected<void> done = attempt();
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
