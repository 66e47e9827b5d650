// SPDX-License-Identifier: Apache-2.0
//
// Properties that hold whatever is called in whatever order: nothing is lost, nothing signs for a profile that is not
// Active, no account sees what belongs to another, and pages are the list.
//
// RC_ASSERT takes its expression apart and evaluates both sides of && and ||, hence the second parentheses around some.

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "gateway/authorizer.h"
#include "ports/testing/policies.h"
#include "services/signer/page_token.h"
#include "services/signer/retention.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

// The service without a test around it, and calls as two accounts make them, with the gateway's own authorisation.
class World : public SignerTest {
 public:
  World() {
    CHECK(db::Migrate(*database, db::LeaseMigrations()).has_value());
    for (const char* vector : {"p256"}) {
      auto certificate = crypto::Certificate::FromPem(crypto::Vector(std::string("crypto/") + vector + ".crt.pem"));
      auto key = crypto::PrivateKey::FromPem(crypto::SecretVector(std::string("crypto/") + vector + ".key.pem"));
      certificates.Add(kStranger, kHome, kEcArn, *certificate, keys::MakeSoftwareKey(*key));
    }
    objects.AddObject({.bucket = "theirs", .key = "firmware.bin", .version = "v1"}, "their firmware");
  }
  void TestBody() override {}

  template <class Op, auto Resolve, auto Handle>
  std::expected<typename Op::Output, aws::ApiError> As(const AccountId& account, typename Op::Input input) {
    gateway.facts.caller = policy::RootOf(account);
    gateway.facts.now = clock.Now();
    gateway.facts.operation = &Op::kDescriptor;
    std::optional<gateway::Resolution> resolution;
    if constexpr (!std::is_null_pointer_v<decltype(Resolve)>) {
      auto found = Resolve(service, gateway.facts, input);
      if (found) resolution = *std::move(found);
    }
    const ports::FakePolicies policies;
    const gateway::Authorizer authorizer(policies);
    gateway.facts.rights = *authorizer.RightsOf(gateway.facts, &input);
    auto allowed = authorizer.Authorize(gateway.facts, &input, resolution ? &*resolution : nullptr);
    if (!allowed) return std::unexpected(aws::ApiError{.origin = aws::ErrorOrigin::kAccessDenied});
    return gateway.Call<Op, Resolve, Handle>(service, std::move(input));
  }

  FakeClock& time() { return clock; }
  db::Database& rows() { return *database; }
  Store& jobs() { return store; }
  std::size_t RunAll() { return Run(); }
  std::int64_t DeleteDue() {
    Retention retention(store, audit_trail, random, {});
    return *retention.DeleteDue();
  }
  std::string VersionOf(const AccountId& account, const std::string& name) {
    const auto profile = store.FindProfile(account, kHome, ProfileName(name));
    return *profile ? (*profile)->version.str() : "0123456789";
  }
};

bool IsDenied(const aws::ApiError& error) { return error.origin == aws::ErrorOrigin::kAccessDenied; }

enum class Kind { kPut, kCancel, kRevokeProfile, kStart, kRun, kGet, kDescribe, kList, kRevokeJob, kWait };

struct Step {
  Kind kind = Kind::kRun;
  bool is_stranger = false;     // who calls
  bool is_of_stranger = false;  // whose profile
  int name = 0;
  int token = 0;
  int prefix = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << static_cast<int>(step.kind) << " by " << step.is_stranger << " of " << step.is_of_stranger << " name "
      << step.name << " token " << step.token << " prefix " << step.prefix << "}";
}

rc::Gen<Step> AnyStep() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::map(rc::gen::inRange(0, 10), [](int i) { return static_cast<Kind>(i); })),
      rc::gen::set(&Step::is_stranger), rc::gen::set(&Step::is_of_stranger),
      rc::gen::set(&Step::name, rc::gen::inRange(0, 2)), rc::gen::set(&Step::token, rc::gen::inRange(0, 4)),
      rc::gen::set(&Step::prefix, rc::gen::inRange(0, 2)));
}

// What the calls so far must have left behind.
class Model {
 public:
  void Take(World& world, const Step& step) {
    const AccountId& caller = step.is_stranger ? kStranger : kAccount;
    const AccountId& owner = step.is_of_stranger ? kStranger : kAccount;
    const std::string name = "profile_" + std::to_string(step.name);
    switch (step.kind) {
      case Kind::kPut: return Put(world, caller, name);
      case Kind::kCancel: return Cancel(world, caller, name);
      case Kind::kRevokeProfile: return RevokeProfile(world, caller, name);
      case Kind::kStart: return Start(world, caller, owner, name, step);
      case Kind::kRun: return RunAll(world);
      case Kind::kGet: return GetProfile(world, caller, owner, name);
      case Kind::kDescribe: return Describe(world, caller, step);
      case Kind::kList: return List(world, caller);
      case Kind::kRevokeJob: return RevokeJob(world, caller, step);
      case Kind::kWait: return Wait(world);
    }
  }

  void CheckEnd(World& world) {
    RunAll(world);
    std::map<std::string, int> written;
    for (const auto& object : ports::FakeObjectStore::AllPublished(world.rows())) ++written[object.key];
    for (const auto& [id, job] : jobs_) {
      const auto found = world.jobs().FindJob(JobId(id));
      RC_ASSERT((found.has_value() && found->has_value()));
      RC_ASSERT((*found)->status == job.status);
      RC_ASSERT(written[(*found)->destination_key] == (job.status == "Succeeded" ? 1 : 0));
      RC_ASSERT((*found)->revocation.has_value() == job.is_revoked);
    }
  }

 private:
  struct JobFacts {
    AccountId account;
    std::string request;
    std::string profile;
    std::string version;
    std::string status = "InProgress";
    bool is_revoked = false;
  };
  using ProfileKey = std::pair<std::string, std::string>;

  // Every job ends, and those of a profile that was revoked meanwhile end without a signature.
  void RunAll(World& world) {
    static_cast<void>(world.RunAll());
    for (auto& [id, job] : jobs_) {
      if (job.status != "InProgress") continue;
      const auto profile = profiles_.find({job.account.str(), job.profile});
      const bool is_revoked = profile != profiles_.end() && profile->second == "Revoked" &&
                              world.VersionOf(job.account, job.profile) == job.version;
      job.status = is_revoked ? "Failed" : "Succeeded";
    }
  }
  void Put(World& world, const AccountId& caller, const std::string& name) {
    PutSigningProfileRequest request;
    request.profile_name = name;
    request.platform_id = kFreeRtos;
    request.signing_material = SigningMaterial{.certificate_arn = kEcArn};
    const auto put = world.As<ops::PutSigningProfile, nullptr, &signer::PutSigningProfile>(caller, request);
    const bool is_new = profiles_.emplace(ProfileKey(caller.str(), name), "Active").second;
    RC_ASSERT(put.has_value() == is_new);
  }
  void Cancel(World& world, const AccountId& caller, const std::string& name) {
    const auto canceled =
        world.As<ops::CancelSigningProfile, nullptr, &signer::CancelSigningProfile>(caller, {.profile_name = name});
    const auto found = profiles_.find({caller.str(), name});
    RC_ASSERT((canceled.has_value() == (found != profiles_.end() && found->second != "Revoked")));
    if (canceled && found->second == "Active") {
      found->second = "Canceled";
      canceled_at_[found->first] = world.time().Now();
    }
  }
  void RevokeProfile(World& world, const AccountId& caller, const std::string& name) {
    RevokeSigningProfileRequest request;
    request.profile_name = name;
    request.profile_version = world.VersionOf(caller, name);
    request.reason = "test";
    request.effective_time = InstantFromSeconds(1'000);
    const auto revoked = world.As<ops::RevokeSigningProfile, nullptr, &signer::RevokeSigningProfile>(caller, request);
    const auto found = profiles_.find({caller.str(), name});
    RC_ASSERT(revoked.has_value() == (found != profiles_.end()));
    if (revoked) found->second = "Revoked";
  }
  void Start(World& world, const AccountId& caller, const AccountId& owner, const std::string& name, const Step& step) {
    StartSigningJobRequest request;
    const std::string bucket = caller == kStranger ? "theirs" : "images";
    request.source.s3 = S3Source{.bucket_name = bucket, .key = "firmware.bin", .version = "v1"};
    request.destination.s3 = S3Destination{.bucket_name = bucket, .prefix = std::to_string(step.prefix) + "/"};
    request.profile_name = name;
    request.profile_owner = owner.str();
    request.client_request_token = "token " + std::to_string(step.token);
    const auto started =
        world.As<ops::StartSigningJob, &ResolveStartSigningJob, &signer::StartSigningJob>(caller, request);
    if (caller != owner) {
      RC_ASSERT((!started && IsDenied(started.error())));
      return;
    }
    const std::string content = name + "/" + std::to_string(step.prefix);
    const auto token = tokens_.find({caller.str(), step.token});
    if (token != tokens_.end()) {
      // A repeat is answered whatever became of the profile; with other parameters it is refused.
      RC_ASSERT(started.has_value() == (jobs_[token->second].request == content));
      if (started) RC_ASSERT(*started->job_id == token->second);
      return;
    }
    const auto profile = profiles_.find({owner.str(), name});
    RC_ASSERT((started.has_value() == (profile != profiles_.end() && profile->second == "Active")));
    if (!started) return;
    RC_ASSERT(jobs_
                  .emplace(*started->job_id, JobFacts{.account = caller,
                                                      .request = content,
                                                      .profile = name,
                                                      .version = world.VersionOf(caller, name)})
                  .second);
    tokens_[{caller.str(), step.token}] = *started->job_id;
  }
  void GetProfile(World& world, const AccountId& caller, const AccountId& owner, const std::string& name) {
    const auto got = world.As<ops::GetSigningProfile, &ResolveGetSigningProfile, &signer::GetSigningProfile>(
        caller, {.profile_name = name, .profile_owner = owner.str()});
    if (caller != owner) {
      RC_ASSERT((!got && IsDenied(got.error())));
      return;
    }
    const auto found = profiles_.find({owner.str(), name});
    RC_ASSERT(got.has_value() == (found != profiles_.end()));
    if (got) RC_ASSERT(*got->status == found->second);
  }
  void Describe(World& world, const AccountId& caller, const Step& step) {
    if (jobs_.empty()) return;
    const auto job = std::next(jobs_.begin(), step.token % static_cast<int>(jobs_.size()));
    const auto shown = world.As<ops::DescribeSigningJob, &ResolveDescribeSigningJob, &signer::DescribeSigningJob>(
        caller, {.job_id = job->first});
    RC_ASSERT(shown.has_value() == (job->second.account == caller));
  }
  void List(World& world, const AccountId& caller) {
    std::set<std::string> expected;
    for (const auto& [id, job] : jobs_) {
      if (job.account == caller) expected.insert(id);
    }
    std::set<std::string> shown;
    ListSigningJobsRequest request;
    request.max_results = 2;
    do {
      const auto page = world.As<ops::ListSigningJobs, nullptr, &signer::ListSigningJobs>(caller, request);
      RC_ASSERT(page.has_value());
      for (const SigningJob& job : *page->jobs) RC_ASSERT(shown.insert(*job.job_id).second);
      request.next_token = page->next_token;
    } while (request.next_token);
    RC_ASSERT(shown == expected);
  }
  void RevokeJob(World& world, const AccountId& caller, const Step& step) {
    if (jobs_.empty()) return;
    RunAll(world);
    const auto job = std::next(jobs_.begin(), step.token % static_cast<int>(jobs_.size()));
    RevokeSignatureRequest request;
    request.job_id = job->first;
    request.reason = "test";
    const auto revoked =
        world.As<ops::RevokeSignature, &ResolveRevokeSignature, &signer::RevokeSignature>(caller, request);
    RC_ASSERT((revoked.has_value() == (job->second.account == caller && job->second.status == "Succeeded")));
    if (revoked) job->second.is_revoked = true;
  }
  // A year and a half passes, and what was canceled two years ago is deleted.
  void Wait(World& world) {
    world.time().Advance(std::chrono::hours(24 * 547));
    const Instant due = world.time().Now() - std::chrono::hours(24 * 730);
    std::int64_t expected = 0;
    for (auto profile = profiles_.begin(); profile != profiles_.end();) {
      const bool is_due = profile->second == "Canceled" && canceled_at_[profile->first] < due;
      expected += is_due ? 1 : 0;
      profile = is_due ? profiles_.erase(profile) : std::next(profile);
    }
    RC_ASSERT(world.DeleteDue() == expected);
  }

  std::map<ProfileKey, std::string> profiles_;  // status
  std::map<ProfileKey, Instant> canceled_at_;
  std::map<std::string, JobFacts> jobs_;
  std::map<std::pair<std::string, int>, std::string> tokens_;
};

RC_GTEST_PROP(Properties, NoSequenceOfCallsLosesAJobOrSignsForADeadProfileOrShowsAnothersThings, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  World world;
  Model model;
  for (const Step& step : steps) model.Take(world, step);
  model.CheckEnd(world);
}

struct JobSeed {
  int at = 0;
  int status = 0;
  int platform = 0;
  int requester = 0;
  int party = 0;  // 0: ours; 1: ours, started by another; 2: another's, started by us; 3: of strangers
  bool is_revoked = false;
  int expires_at = 0;  // 0: never
};

void showValue(const JobSeed& seed, std::ostream& out) {
  out << "{at " << seed.at << " status " << seed.status << " platform " << seed.platform << " requester "
      << seed.requester << " party " << seed.party << " revoked " << seed.is_revoked << " expires " << seed.expires_at
      << "}";
}

rc::Gen<JobSeed> AnyJob() {
  return rc::gen::build<JobSeed>(
      rc::gen::set(&JobSeed::at, rc::gen::inRange(1, 6)), rc::gen::set(&JobSeed::status, rc::gen::inRange(0, 3)),
      rc::gen::set(&JobSeed::platform, rc::gen::inRange(0, 2)),
      rc::gen::set(&JobSeed::requester, rc::gen::inRange(0, 2)), rc::gen::set(&JobSeed::party, rc::gen::inRange(0, 4)),
      rc::gen::set(&JobSeed::is_revoked), rc::gen::set(&JobSeed::expires_at, rc::gen::inRange(0, 4)));
}

constexpr std::array<const char*, 3> kStatuses = {"InProgress", "Failed", "Succeeded"};
constexpr std::array<const char*, 2> kSomePlatforms = {kFreeRtos, kIot};

class Lists {
 public:
  Lists() { CHECK(db::Migrate(*database_, Migrations()).has_value()); }

  void Add(const JobSeed& seed, int number) {
    Job job;
    job.id = JobId("job-" + std::to_string(number % 7) + "-" + std::to_string(number));
    job.owner = seed.party >= 2 ? kStranger : kAccount;
    job.invoker = seed.party == 1 || seed.party == 3 ? kStranger : kAccount;
    job.region = kHome;
    job.token = job.id.str();
    job.requested_by = "arn:" + std::to_string(seed.requester);
    job.platform_id = kSomePlatforms[static_cast<std::size_t>(seed.platform)];
    job.status = kStatuses[static_cast<std::size_t>(seed.status)];
    job.created_at = Instant{seed.at};
    if (seed.expires_at != 0) job.signature_expires_at = Instant{seed.expires_at};
    const auto done = database_->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(store_.InsertJob(transaction, job));
      if (!seed.is_revoked) return {};
      RETURN_IF_ERROR(
          store_.RevokeJob(transaction, job.id, {.reason = "r", .revoked_at = Instant{9}, .revoked_by = "b"}));
      return {};
    });
    CHECK(done.has_value());
    if (seed.is_revoked) job.revocation.emplace();
    jobs_.push_back(job);
  }

  // In the order of the list.
  std::vector<std::string> Matching(const JobFilter& f) const {
    std::vector<Job> found;
    for (const Job& job : jobs_) {
      const bool is_ours = job.owner == f.account || job.invoker == f.account;
      const bool fits = is_ours && (f.status.empty() || job.status == f.status) &&
                        (f.platform_id.empty() || job.platform_id == f.platform_id) &&
                        (f.requested_by.empty() || job.requested_by == f.requested_by) &&
                        (f.invoker.empty() || job.invoker.str() == f.invoker) &&
                        (!f.is_revoked || job.revocation.has_value() == *f.is_revoked) &&
                        (!f.is_by_expiry() || job.signature_expires_at) &&
                        (!f.expires_before || *job.signature_expires_at < *f.expires_before) &&
                        (!f.expires_after || *job.signature_expires_at > *f.expires_after);
      if (fits) found.push_back(job);
    }
    std::ranges::sort(found, std::greater(), [&](const Job& job) {
      return std::pair(f.is_by_expiry() ? *job.signature_expires_at : job.created_at, job.id.str());
    });
    std::vector<std::string> ids;
    for (const Job& job : found) ids.push_back(job.id.str());
    return ids;
  }

  // All pages; `between` runs after the first.
  template <class Between>
  std::vector<std::string> Pages(JobFilter filter, const Between& between) {
    std::vector<std::string> ids;
    std::size_t pages = 0;
    do {
      auto page = store_.ListJobs(filter);
      CHECK(page.has_value());
      RC_ASSERT(page->jobs.size() <= static_cast<std::size_t>(filter.limit));
      for (const Job& job : page->jobs) ids.push_back(job.id.str());
      RC_ASSERT((!page->next || !filter.after || *page->next < *filter.after));  // it goes on
      filter.after = page->next;
      if (++pages == 1) between();
    } while (filter.after);
    return ids;
  }

 private:
  FakeClock clock_{InstantFromSeconds(1'790'000'000)};
  std::unique_ptr<db::Database> database_ = db::testing::AnyDatabase::Open(clock_);
  Store store_{*database_};
  std::vector<Job> jobs_;
};

RC_GTEST_PROP(Properties, PagesAreTheListWhateverIsAddedMeanwhile, ()) {
  const auto seeds = *rc::gen::container<std::vector<JobSeed>>(AnyJob());
  Lists lists;
  int number = 0;
  for (const JobSeed& seed : seeds) lists.Add(seed, ++number);
  JobFilter filter{.account = kAccount, .region = kHome};
  filter.status = *rc::gen::element<std::string>("", "InProgress", "Failed", "Succeeded");
  filter.platform_id = *rc::gen::element<std::string>("", kFreeRtos, kIot);
  filter.requested_by = *rc::gen::element<std::string>("", "", "arn:0", "arn:1");
  filter.invoker = *rc::gen::element<std::string>("", "", kAccount.str(), kStranger.str());
  filter.is_revoked = *rc::gen::element<std::optional<bool>>(std::nullopt, std::nullopt, true, false);
  if (*rc::gen::element(0, 0, 1) == 1) filter.expires_before = Instant{*rc::gen::inRange(0, 5)};
  if (*rc::gen::element(0, 0, 1) == 1) filter.expires_after = Instant{*rc::gen::inRange(0, 5)};
  filter.limit = *rc::gen::inRange(1, 5);
  filter.scan_max = *rc::gen::inRange(1, 8);

  const std::vector<std::string> expected = lists.Matching(filter);
  const auto late = *rc::gen::container<std::vector<JobSeed>>(AnyJob());
  std::set<std::string> added;
  const std::vector<std::string> shown = lists.Pages(filter, [&] {
    for (JobSeed seed : late) {
      seed.at += 10;  // jobs are started later than those that are there
      lists.Add(seed, ++number);
      added.insert("job-" + std::to_string(number % 7) + "-" + std::to_string(number));
    }
  });
  std::vector<std::string> old;
  for (const std::string& id : shown) {
    if (!added.contains(id)) old.push_back(id);
  }
  RC_ASSERT(old == expected);
  RC_ASSERT(std::set<std::string>(shown.begin(), shown.end()).size() == shown.size());
}

}  // namespace
}  // namespace firmsign::signer
