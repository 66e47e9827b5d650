// SPDX-License-Identifier: Apache-2.0

#include "services/signer/schema.h"

#include <array>

namespace firmsign::signer {
namespace {

// Empty text stands for "not given" throughout: no column of these tables tells it from null.
constexpr std::string_view kFirst = R"(
CREATE TABLE signer_profiles (
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  name {TEXT} NOT NULL,
  version {TEXT} NOT NULL,
  platform_id {TEXT} NOT NULL,
  certificate_arn {TEXT} NOT NULL,
  encryption_algorithm {TEXT} NOT NULL,
  hash_algorithm {TEXT} NOT NULL,
  image_format {TEXT} NOT NULL,
  parameters {TEXT} NOT NULL,
  tags {TEXT} NOT NULL,
  status {TEXT} NOT NULL,
  status_reason {TEXT} NOT NULL,
  created_at {INT} NOT NULL,
  changed_at {INT} NOT NULL,
  PRIMARY KEY (account, region, name)
);

CREATE TABLE signer_jobs (
  id {TEXT} NOT NULL PRIMARY KEY,
  owner {TEXT} NOT NULL,
  invoker {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  requested_by {TEXT} NOT NULL,
  token {TEXT} NOT NULL,
  fingerprint {BYTES} NOT NULL,
  profile_name {TEXT} NOT NULL,
  profile_version {TEXT} NOT NULL,
  platform_id {TEXT} NOT NULL,
  certificate_arn {TEXT} NOT NULL,
  encryption_algorithm {TEXT} NOT NULL,
  hash_algorithm {TEXT} NOT NULL,
  image_format {TEXT} NOT NULL,
  parameters {TEXT} NOT NULL,
  source_bucket {TEXT} NOT NULL,
  source_key {BYTES} NOT NULL,
  source_version {TEXT} NOT NULL,
  source_owner {TEXT} NOT NULL,
  destination_bucket {TEXT} NOT NULL,
  destination_key {BYTES} NOT NULL,
  destination_owner {TEXT} NOT NULL,
  status {TEXT} NOT NULL,
  status_reason {TEXT} NOT NULL,
  created_at {INT} NOT NULL,
  completed_at {INT},
  lease_owner {TEXT} NOT NULL,
  lease_until {INT} NOT NULL,
  fence {INT} NOT NULL
);

CREATE UNIQUE INDEX signer_jobs_token ON signer_jobs (invoker, region, token);
CREATE INDEX signer_jobs_newest ON signer_jobs (owner, region, created_at, id);
CREATE INDEX signer_jobs_waiting ON signer_jobs (lease_until, id) WHERE status = 'InProgress';
)";

// A job that is claimed from here signs the bytes that it was accepted for, or none: the version "null" can be written
// again. Empty in jobs of before.
constexpr std::string_view kSourceContent =
    "ALTER TABLE signer_jobs ADD COLUMN source_content {TEXT} NOT NULL DEFAULT ''";

constexpr std::array kMigrations{db::Migration{.component = "signer", .number = 1, .sql = kFirst},
                                 db::Migration{.component = "signer", .number = 2, .sql = kSourceContent}};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::signer
