// SPDX-License-Identifier: Apache-2.0
//
// For tests: Signer over a database in memory and fake ports.
//
// The runner has no room in its queue, so a new job waits in the store until a test says Run().

#pragma once

#include <gtest/gtest.h>

#include <array>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/keys/signing_key.h"
#include "gateway/testing/call.h"
#include "platform/crypto/testing/vectors.h"
#include "platform/db/testing/databases.h"
#include "ports/testing/accounts.h"
#include "ports/testing/audit_trail.h"
#include "ports/testing/certificate_store.h"
#include "ports/testing/event_bus.h"
#include "ports/testing/object_store.h"
#include "services/signer/operations.h"
#include "services/signer/schema.h"

namespace firmsign::signer {

inline const AccountId kAccount("111122223333");
inline const AccountId kStranger("444455556666");
inline const Region kHome("us-east-1");
inline const std::string kEcArn = "arn:aws:acm:us-east-1:111122223333:certificate/p256";
inline const std::string kRsaArn = "arn:aws:acm:us-east-1:111122223333:certificate/rsa2048";
inline const ports::ObjectName kImage{.bucket = "images", .key = "firmware.bin", .version = "v1"};
inline constexpr const char* kFreeRtos = "AmazonFreeRTOS-Default";
inline constexpr const char* kIot = "AWSIoTDeviceManagement-SHA256-ECDSA";
inline constexpr const char* kLambda = "AWSLambda-SHA384-ECDSA";
inline constexpr const char* kNotation = "Notation-OCI-SHA384-ECDSA";

// For what a caller may do in the same transaction.
inline const ports::AlsoDo kNothing = [](db::Transaction&, const std::string&) { return Expected<void>(); };

class SignerTest : public testing::Test {
 protected:
  SignerTest() {
    objects.AddBucket("images", kAccount, kHome);
    objects.AddBucket("signed", kAccount, kHome);
    objects.AddBucket("theirs", kStranger, kHome);
    objects.AddBucket("far", kAccount, Region("eu-west-1"));
    objects.AddObject(kImage, "firmware, version 1");
    AddCertificate(kEcArn, "p256");
    AddCertificate(kRsaArn, "rsa2048");
    CHECK(authority.MakeRoot().has_value());
    // What a test finds in the trail is its own doing.
    CHECK(database
              ->InTransaction([](db::Transaction& transaction) -> Expected<void> {
                RETURN_IF_ERROR(transaction.Execute("DELETE FROM fake_audit"));
                return {};
              })
              .has_value());
  }

  void AddCertificate(const std::string& arn, const std::string& vector) {
    auto certificate = crypto::Certificate::FromPem(crypto::Vector("crypto/" + vector + ".crt.pem"));
    auto key = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/" + vector + ".key.pem"));
    CHECK(certificate.has_value() && key.has_value());
    certificates.Add(kAccount, kHome, arn, *certificate, keys::MakeSoftwareKey(*key));
  }

  static std::unique_ptr<db::Database> OpenDatabase(const Clock& clock) {
    auto opened = db::testing::AnyDatabase::Open(clock);
    CHECK(db::Migrate(*opened, Migrations()).has_value());
    constexpr std::array kFakes{ports::kFakeObjectsMigration, ports::kFakeAuditMigration, ports::kFakeEventsMigration};
    CHECK(db::Migrate(*opened, kFakes).has_value());
    return opened;
  }

  JobRunnerParts Parts() {
    return {.store = store,
            .objects = objects,
            .certificates = certificates,
            .authority = authority,
            .audit_trail = audit_trail,
            .events = events,
            .random = random};
  }

  Service ServiceWith(JobRunner& with) {
    return {.store = store,
            .objects = objects,
            .certificates = certificates,
            .authority = authority,
            .accounts = accounts,
            .runner = with,
            .keyring = *keyring,
            .audit_trail = audit_trail,
            .events = events,
            .random = random,
            .policies = parsed_policies,
            .options = {}};
  }

  template <class Op, auto Handle>
  std::expected<typename Op::Output, aws::ApiError> Call(typename Op::Input input) {
    return gateway.Call<Op, nullptr, Handle>(service, std::move(input));
  }
  std::expected<StartSigningJobResponse, aws::ApiError> Start(StartSigningJobRequest input) {
    return gateway.Call<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>(service, std::move(input));
  }
  std::expected<DescribeSigningJobResponse, aws::ApiError> Describe(const std::string& id) {
    return gateway.Call<ops::DescribeSigningJob, &ResolveDescribeSigningJob, &DescribeSigningJob>(service,
                                                                                                  {.job_id = id});
  }
  std::expected<PutSigningProfileResponse, aws::ApiError> Put(PutSigningProfileRequest input) {
    return Call<ops::PutSigningProfile, &PutSigningProfile>(std::move(input));
  }
  std::expected<GetSigningProfileResponse, aws::ApiError> Get(GetSigningProfileRequest input) {
    return gateway.Call<ops::GetSigningProfile, &ResolveGetSigningProfile, &GetSigningProfile>(service,
                                                                                               std::move(input));
  }
  std::expected<CancelSigningProfileResponse, aws::ApiError> Cancel(const std::string& name) {
    return Call<ops::CancelSigningProfile, &CancelSigningProfile>({.profile_name = name});
  }

  static PutSigningProfileRequest ProfileRequest(const std::string& name, const std::string& platform = kFreeRtos) {
    PutSigningProfileRequest request;
    request.profile_name = name;
    request.platform_id = platform;
    request.signing_material = SigningMaterial{.certificate_arn = kEcArn};
    return request;
  }
  // The ARN of its version.
  std::string MustPut(const std::string& name, const std::string& platform = kFreeRtos) {
    PutSigningProfileRequest request = ProfileRequest(name, platform);
    if (signing::FindPlatform(platform)->service_key) request.signing_material.reset();
    const auto put = Put(std::move(request));
    CHECK(put.has_value());
    return *put->profile_version_arn;
  }

  static StartSigningJobRequest JobRequest(const std::string& profile, const std::string& token) {
    StartSigningJobRequest request;
    request.source.s3 = S3Source{.bucket_name = kImage.bucket, .key = kImage.key, .version = kImage.version};
    request.destination.s3 = S3Destination{.bucket_name = "signed", .prefix = "out/"};
    request.profile_name = profile;
    request.client_request_token = token;
    return request;
  }
  std::string MustStart(const std::string& profile, const std::string& token) {
    auto started = Start(JobRequest(profile, token));
    CHECK(started.has_value());
    return *started->job_id;
  }
  Job MustFind(const std::string& id) {
    auto job = store.FindJob(JobId(id));
    CHECK(job.has_value() && job->has_value());
    return **std::move(job);
  }
  // Claims and ends everything that waits; how many there were.
  std::size_t Run() {
    auto ran = runner.RunWaiting();
    CHECK(ran.has_value());
    return *ran;
  }

  // "ValidationException" or "ResourceNotFoundException/ProfileNotFound".
  template <class Answer>
  static std::string NameOfError(const Answer& answer) {
    if (answer) return "no error";
    const aws::ApiError& error = answer.error();
    if (error.shape == nullptr) return "not modelled";
    return std::string(error.shape->name) + (error.sub_code.empty() ? "" : "/" + error.sub_code);
  }

  FakeClock clock{InstantFromSeconds(1'790'000'000)};
  FakeRandom random;
  std::unique_ptr<db::Database> database = OpenDatabase(clock);
  Store store{*database};
  policy::ParsedPolicies parsed_policies;
  ports::FakeObjectStore objects;
  ports::FakeCertificateStore certificates;
  ports::FakeAccounts accounts;
  ports::FakeAuditTrail audit_trail;
  ports::FakeEventBus events;
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  AuthorityStore authority_store{*database};
  Authority authority{authority_store, *keyring, audit_trail, random};
  JobRunner runner{Parts(), {.threads = 1, .queue_max = 0}};
  Service service = ServiceWith(runner);
  gateway::FakeGateway gateway;
};

}  // namespace firmsign::signer
