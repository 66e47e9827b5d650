// SPDX-License-Identifier: Apache-2.0
//
// For tests: the store over one of the databases, with profiles and jobs to put in.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "platform/db/testing/databases.h"
#include "services/signer/schema.h"
#include "services/signer/store.h"

namespace firmsign::signer {

// The contract of the store, over every database.
class StoreTest : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  StoreTest() { CHECK(db::Migrate(*database, Migrations()).has_value()); }

  static Profile MakeProfile(const std::string& name) {
    return {.account = AccountId("111122223333"),
            .region = Region("us-east-1"),
            .name = ProfileName(name),
            .version = ProfileVersion("abcdefghij"),
            .platform_id = "AmazonFreeRTOS-Default",
            .certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/x",
            .overrides = {.encryption_algorithm = "ECDSA", .hash_algorithm = "SHA256", .image_format = "JSON"},
            .parameters = {{"certname", "dev \"1\""}},
            .tags = {{"team", "firmware"}},
            .created_at = Instant{1'000'000}};
  }
  static Job MakeJob(const std::string& id, const std::string& token, Instant created_at = Instant{5}) {
    const Profile profile = MakeProfile("release");
    Job job;
    job.id = JobId(id);
    job.owner = profile.account;
    job.invoker = profile.account;
    job.region = profile.region;
    job.requested_by = "arn:aws:iam::111122223333:root";
    job.token = token;
    job.fingerprint = std::string("\0\xff", 2);
    job.profile_name = profile.name;
    job.profile_version = profile.version;
    job.platform_id = profile.platform_id;
    job.certificate_arn = profile.certificate_arn;
    job.overrides = profile.overrides;
    job.parameters = profile.parameters;
    job.source_bucket = "images";
    job.source_key = std::string("a\0\xfe", 3);  // S3 keys are bytes
    job.source_version = "v1";
    job.source_owner = AccountId("111122223333");
    job.destination_bucket = "signed";
    job.destination_key = "out/" + id;
    job.destination_owner = AccountId("111122223333");
    job.created_at = created_at;
    job.fence = 1;
    return job;
  }

  Expected<void> Insert(const Profile& profile) {
    return database->InTransaction([&](db::Transaction& t) { return store.InsertProfile(t, profile); });
  }
  bool Insert(const Job& job) {
    const auto done = database->InTransaction([&](db::Transaction& t) { return store.InsertJob(t, job); });
    CHECK(done.has_value() || done.error().code == Code::kConflict);
    return done.has_value();
  }
  bool End(const Job& job, const Outcome& outcome, Instant now) {
    bool ended = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(ended, store.EndJob(t, job, outcome, now));
      return {};
    });
    CHECK(done.has_value());
    return ended;
  }
  bool Cancel(const Profile& profile, Instant at = Instant{9}) {
    bool canceled = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(canceled, store.CancelProfile(t, profile, "because", "r2", at));
      return {};
    });
    CHECK(done.has_value());
    return canceled;
  }
  std::vector<std::string> Claim(const std::string& node, Instant now, Instant until, int limit = 10) {
    const auto jobs = store.ClaimJobs(node, now, until, limit);
    CHECK(jobs.has_value());
    std::vector<std::string> ids;
    for (const Job& job : *jobs) ids.push_back(job.id.str());
    return ids;
  }
  std::vector<std::string> List(const JobFilter& filter) {
    const auto page = store.ListJobs(filter);
    CHECK(page.has_value());
    std::vector<std::string> ids;
    for (const Job& job : page->jobs) ids.push_back(job.id.str());
    return ids;
  }
  std::vector<std::string> List(const ProfileFilter& filter) {
    const auto profiles = store.ListProfiles(filter);
    CHECK(profiles.has_value());
    std::vector<std::string> names;
    for (const Profile& profile : *profiles) names.push_back(profile.name.str());
    return names;
  }
  bool Revoke(const std::string& id, const std::string& reason) {
    bool revoked = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(revoked, store.RevokeJob(t, JobId(id),
                                                {.reason = reason, .revoked_at = Instant{9}, .revoked_by = "arn:who"}));
      return {};
    });
    CHECK(done.has_value());
    return revoked;
  }
  bool RevokeProfile(const Profile& profile, Instant from, Instant now) {
    bool revoked = false;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      ASSIGN_OR_RETURN(revoked,
                       store.RevokeProfile(t, profile, "leaked",
                                           {.effective_from = from, .revoked_at = now, .revoked_by = "arn:who"}));
      return {};
    });
    CHECK(done.has_value());
    return revoked;
  }
  bool AddPermission(const Profile& profile, const Statement& statement, const std::string& revision) {
    const auto done = database->InTransaction(
        [&](db::Transaction& t) { return store.AddPermission(t, profile, statement, revision); });
    CHECK(done.has_value() || done.error().code == Code::kConflict);
    return done.has_value();
  }
  bool RemovePermission(const Profile& profile, const std::string& id, const std::string& revision) {
    const auto done =
        database->InTransaction([&](db::Transaction& t) { return store.RemovePermission(t, profile, id, revision); });
    CHECK(done.has_value() || done.error().code == Code::kConflict);
    return done.has_value();
  }
  std::optional<Policy> FindPolicy(const std::string& name) {
    auto found = store.FindPolicy(account, region, ProfileName(name));
    CHECK(found.has_value());
    return *std::move(found);
  }
  std::vector<std::string> DeleteCanceled(Instant before, int limit) {
    std::vector<std::string> names;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      names.clear();
      ASSIGN_OR_RETURN(const auto deleted, store.DeleteCanceledProfiles(t, before, limit));
      for (const Profile& profile : deleted) names.push_back(profile.name.str());
      return {};
    });
    CHECK(done.has_value());
    return names;
  }
  Profile MustFindProfile(const std::string& name) {
    auto found = store.FindProfile(account, region, ProfileName(name));
    CHECK(found.has_value() && found->has_value());
    return **std::move(found);
  }
  Job MustFind(const std::string& id) {
    auto found = store.FindJob(JobId(id));
    CHECK(found.has_value() && found->has_value());
    return **std::move(found);
  }

  const AccountId account{"111122223333"};
  const Region region{"us-east-1"};
  FakeClock clock{InstantFromSeconds(1'790'000'000)};
  std::unique_ptr<db::testing::Place> place = GetParam()->make_place();
  std::unique_ptr<db::Database> database = *place->Open(clock);
  Store store{*database};
};

}  // namespace firmsign::signer
