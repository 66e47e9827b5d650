// SPDX-License-Identifier: Apache-2.0

#include "apps/server/wiring.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "apps/server/deployment.h"
#include "apps/server/fact_store.h"
#include "apps/server/master_key.h"
#include "apps/server/tokens.h"
#include "engine/keys/token_key.h"
#include "gateway/pipeline.h"
#include "gateway/rate_store.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"
#include "platform/db/lease.h"
#include "services/acm/certificates.h"
#include "services/acm/expiry_watch.h"
#include "services/acm/operations.h"
#include "services/acm/schema.h"
#include "services/acm/token_certificates.h"
#include "services/cloudtrail/schema.h"
#include "services/cloudtrail/trail.h"
#include "services/events/event_bus.h"
#include "services/events/schema.h"
#include "services/iam/accounts.h"
#include "services/iam/credentials.h"
#include "services/iam/generation.h"
#include "services/iam/identities.h"
#include "services/iam/key_usage.h"
#include "services/iam/operations.h"
#include "services/iam/operator_operations.h"
#include "services/iam/policy_book.h"
#include "services/iam/principals.h"
#include "services/iam/schema.h"
#include "services/iam/session_tokens.h"
#include "services/s3/object_store.h"
#include "services/s3/operations.h"
#include "services/s3/schema.h"
#include "services/s3/stored_bytes.h"
#include "services/s3/sweeper.h"
#include "services/signer/certificate_users.h"
#include "services/signer/operations.h"
#include "services/signer/retention.h"
#include "services/signer/schema.h"
#include "services/sts/operations.h"

namespace firmsign::server {
namespace {

gateway::PipelineOptions PipelineOptionsOf(const Options& options, const AccountId& operator_account) {
  gateway::PipelineOptions pipeline;
  pipeline.authenticate.default_region = Region(options.region.default_region);
  pipeline.authenticate.regions = options.region.regions;
  pipeline.authenticate.operator_account = operator_account;
  pipeline.authenticate.operator_uid = geteuid();
  pipeline.admit.enabled = options.limits.enabled;
  pipeline.admit.in_flight_max = options.limits.in_flight_max;
  pipeline.admit.limits = {
      {"signer", "StartSigningJob", static_cast<double>(options.limits.start_signing_job_per_second)},
      {"signer", "", static_cast<double>(options.limits.signer_other_per_second)}};
  pipeline.audit = {.strict_reads = options.audit.strict_reads, .data_events = options.audit.data_events};
  pipeline.s3_domains = options.s3.domains;
  return pipeline;
}

signer::JobRunnerOptions RunnerOptionsOf(const Options& options) {
  signer::JobRunnerOptions runner;
  runner.threads = static_cast<std::size_t>(options.signer.threads);
  // Tokens are waited for: as many threads as have something to wait for.
  if (runner.threads == 0 && !options.pkcs11.tokens.empty()) {
    constexpr std::size_t kThreadsMax = 1024;  // as of signer.threads
    runner.threads =
        std::clamp<std::size_t>(TokenSessions(options.pkcs11), std::thread::hardware_concurrency(), kThreadsMax);
  }
  runner.lease = std::chrono::seconds(options.signer.lease_seconds);
  runner.use_stored_digest = options.signer.use_stored_digest;
  return runner;
}

signer::CertificateAdvice AdviceOf(std::string_view choice) {
  if (choice == "off") return signer::CertificateAdvice::kOff;
  return choice == "refuse" ? signer::CertificateAdvice::kRefuse : signer::CertificateAdvice::kWarn;
}

class AllServices final : public Services {
 public:
  AllServices(const Options& options, Deployment& deployment, telemetry::Metrics& metrics,
              std::unique_ptr<s3::Blobs> blobs, keys::Tokens tokens)
      : is_shared_(deployment.is_shared()),
        tokens_(std::move(tokens)),
        random_(crypto::SystemRandom()),
        database_(deployment.database()),
        iam_store_(database_, deployment.keyring(), random_),
        accounts_(iam_store_),
        generation_(database_,
                    {.is_shared = is_shared_, .node = deployment.node(), .steady_now = std::chrono::steady_clock::now}),
        session_tokens_(deployment.keyring(), random_),
        policies_(database_, generation_),
        identities_(iam_store_, deployment.keyring(), parsed_policies_),
        key_usage_(iam_store_),
        credentials_(iam_store_, session_tokens_, policies_, generation_, key_usage_),
        rate_bank_(database_),
        trail_store_(database_),
        trail_(trail_store_, deployment.clock(), random_),
        authority_store_(database_),
        authority_(authority_store_, deployment.keyring(), trail_, random_,
                   {.rotation = std::chrono::hours(24 * options.signer.authority_key_days),
                    .account = deployment.first_account(),
                    .region = Region(options.region.default_region)}),
        blobs_(std::move(blobs)),
        principals_(database_),
        s3_{database_, deployment.clock(), random_, *blobs_, parsed_policies_, principals_},
        stored_bytes_(s3_),
        token_certificates_(acm_, tokens_),
        master_keys_(deployment.master_key_file(), database_, deployment.keyring(), random_),
        iam_{iam_store_, generation_,   policies_,           deployment.keyring(), random_,
             authority_, stored_bytes_, token_certificates_, master_keys_},
        objects_(s3_),
        sweeper_(s3_, {.holder = deployment.node(), .age = std::chrono::hours(options.s3.upload_hours_max)}),
        acm_store_(database_),
        certificates_(acm_store_, deployment.keyring(), tokens_, {.is_shared = is_shared_}),
        signer_store_(database_),
        certificate_users_(signer_store_),
        acm_{.store = acm_store_,
             .certificates = certificates_,
             .keyring = deployment.keyring(),
             .random = random_,
             .users = certificate_users_,
             .allow_published_keys = options.acm.allow_published_keys,
             .certificate_days = options.acm.certificate_days},
        expiry_watch_(acm_, events_, {.holder = deployment.node()}),
        runner_({signer_store_, objects_, certificates_, authority_, trail_, events_, random_},
                RunnerOptionsOf(options)),
        retention_(
            signer_store_, trail_, random_,
            {.holder = deployment.node(), .keep = std::chrono::hours(24 * options.signer.canceled_profile_days)}),
        signer_{.store = signer_store_,
                .objects = objects_,
                .certificates = certificates_,
                .authority = authority_,
                .accounts = accounts_,
                .runner = runner_,
                .keyring = deployment.keyring(),
                .audit_trail = trail_,
                .events = events_,
                .random = random_,
                .policies = parsed_policies_,
                .options = {.sign_without_profile = options.signer.sign_without_profile,
                            .revoke_every_platform = options.signer.revoke_every_platform,
                            .certificate_advice = AdviceOf(options.signer.certificate_advice),
                            .certificate_days_min = options.signer.certificate_days_min}},
        openid_keys_(sts::FetchByHttps(options.sts.openid_ca_file)),
        denials_(deployment.keyring()),
        sts_{identities_, session_tokens_, openid_keys_, denials_, options.sts.saml_endpoint},
        pipeline_({.services = {signer::Routes(signer_), s3::Routes(s3_), acm::Routes(acm_), sts::Routes(sts_),
                                iam::Routes(iam_), iam::OperatorRoutes(iam_)},
                   .credentials = credentials_,
                   .policies = policies_,
                   .audit_trail = trail_,
                   .clock = deployment.clock(),
                   .random = random_,
                   .metrics = metrics,
                   .denials = options.sts.encode_denials ? &denials_ : nullptr,
                   .rate_bank = is_shared_ ? &rate_bank_ : nullptr},
                  PipelineOptionsOf(options, deployment.first_account())) {
    metrics.MakeGauge("firmsign_jobs_succeeded", "Signing jobs that this process ended with status Succeeded.",
                      [this] { return static_cast<double>(runner_.succeeded()); });
    metrics.MakeGauge("firmsign_jobs_failed", "Signing jobs that this process ended with status Failed.",
                      [this] { return static_cast<double>(runner_.failed()); });
    metrics.MakeGauge("firmsign_audit_records_lost", "Audit records of reads that could not be kept.",
                      [this] { return static_cast<double>(trail_.Statistics().lost); });
    metrics.MakeGauge("firmsign_certificate_days_left",
                      "Days until the first certificate of an active signing profile ends.",
                      [this] { return expiry_watch_.DaysLeft(); });
    MakeTokenMetrics(tokens_, metrics);
  }

  Expected<void> Start() override {
    generation_.Start();
    key_usage_.Start();
    trail_.Start();
    sweeper_.Start();
    retention_.Start();
    expiry_watch_.Start();
    // A database of one process: whatever is leased was leased by one that is gone.
    return runner_.Start(/*is_only_node=*/!is_shared_);
  }

  void Stop() override {
    runner_.Stop();
    expiry_watch_.Stop();
    retention_.Stop();
    sweeper_.Stop();
    trail_.Stop();
    key_usage_.Stop();
    generation_.Stop();
  }

  http::Handler& handler() override { return pipeline_; }

 private:
  const bool is_shared_;
  const keys::Tokens tokens_;
  Random& random_;
  db::Database& database_;
  policy::ParsedPolicies parsed_policies_;
  iam::Store iam_store_;
  iam::Accounts accounts_;
  iam::Generation generation_;
  iam::SessionTokens session_tokens_;
  iam::PolicyBook policies_;
  iam::Identities identities_;
  iam::KeyUsage key_usage_;
  iam::Credentials credentials_;
  gateway::DatabaseRateBank rate_bank_;
  cloudtrail::Store trail_store_;
  cloudtrail::Trail trail_;
  signer::AuthorityStore authority_store_;
  signer::Authority authority_;
  std::unique_ptr<s3::Blobs> blobs_;
  iam::Principals principals_;
  s3::Service s3_;
  s3::EmbeddedStoredBytes stored_bytes_;
  acm::TokenCertificates token_certificates_;
  MasterKeys master_keys_;
  iam::Service iam_;
  events::EventBus events_;
  s3::EmbeddedObjectStore objects_;
  s3::Sweeper sweeper_;
  acm::Store acm_store_;
  acm::Certificates certificates_;
  signer::Store signer_store_;
  signer::CertificateUsers certificate_users_;
  acm::Service acm_;
  acm::ExpiryWatch expiry_watch_;
  signer::JobRunner runner_;
  signer::Retention retention_;
  signer::Service signer_;
  sts::OpenIdKeys openid_keys_;
  sts::Denials denials_;
  sts::Service sts_;
  gateway::Pipeline pipeline_;
};

}  // namespace

namespace {

// Where object bytes lie. All nodes must find them at the same place, so the first that starts decides which that is.
// The folder in turn belongs to the deployment and to its copies, which have the same owner: the hash of its data key
// as it was wrapped when this was first asked. Which of them it is, the folder's id tells.
Expected<std::unique_ptr<s3::Blobs>> OpenBlobs(const Options& options, Deployment& deployment) {
  std::string folder = options.s3.objects_folder;
  if (folder.empty() && !deployment.is_shared()) folder = deployment.folder() + "/objects";
  std::string owner;
  RETURN_IF_ERROR(deployment.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(owner,
                     AgreeOnFact(transaction, kObjectsOwnerFact, crypto::Sha256Hex(deployment.keyring().wrapped())));
    return {};
  }));
  ASSIGN_OR_RETURN(std::unique_ptr<s3::Blobs> blobs,
                   s3::Blobs::Open({.folder = folder,
                                    .is_shared = deployment.is_shared(),
                                    .owner = owner,
                                    .inline_bytes_max = static_cast<std::size_t>(options.s3.inline_bytes_max),
                                    .database_bytes_max = static_cast<std::size_t>(options.s3.database_bytes_max),
                                    .key = SecretBytes(deployment.keyring().Mac("s3/objects", "encryption")),
                                    .encrypts = options.s3.encrypt_objects},
                                   crypto::SystemRandom()));
  std::string agreed;
  RETURN_IF_ERROR(deployment.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(agreed, AgreeOnFact(transaction, kObjectsFolderFact, blobs->folder_id()));
    return {};
  }));
  if (agreed == blobs->folder_id()) return blobs;
  if (agreed.empty()) {
    return Fail(Code::kInvalid, fmt::format("all objects of this deployment lie in its database, so {} would hold what "
                                            "other nodes cannot find. Leave out s3.objects_folder.",
                                            folder));
  }
  if (folder.empty()) {
    return Fail(Code::kInvalid,
                "the objects of this deployment lie in a folder that its nodes share. Mount it here, too, and name it "
                "with --set s3.objects_folder=DIR.");
  }
  return Fail(Code::kInvalid,
              fmt::format("{} is not the folder in which this deployment keeps its objects: the file {}/id is not the "
                          "same. Mount that one, or restore it from your backup.",
                          folder, folder));
}

}  // namespace

Expected<void> MakeAuthority(const Deployment& deployment, const Options& options) {
  signer::AuthorityStore store(deployment.database());
  cloudtrail::Store trail_store(deployment.database());
  cloudtrail::Trail trail(trail_store, deployment.clock(), crypto::SystemRandom());
  return signer::Authority(store, deployment.keyring(), trail, crypto::SystemRandom(),
                           {.account = deployment.first_account(), .region = Region(options.region.default_region)})
      .MakeRoot();
}

std::vector<std::span<const db::Migration>> ServiceMigrations() {
  return {db::LeaseMigrations(), gateway::Migrations(), iam::Migrations(), cloudtrail::Migrations(),
          events::Migrations(),  acm::Migrations(),     s3::Migrations(),  signer::Migrations()};
}

Expected<std::unique_ptr<Services>> Services::Make(const Options& options, Deployment& deployment,
                                                   telemetry::Metrics& metrics) {
  ASSIGN_OR_RETURN(std::unique_ptr<s3::Blobs> blobs, OpenBlobs(options, deployment));
  ASSIGN_OR_RETURN(keys::Tokens tokens, MakeTokens(options.pkcs11));
  return std::make_unique<AllServices>(options, deployment, metrics, std::move(blobs), std::move(tokens));
}

}  // namespace firmsign::server
