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

// Revocation, validity, permissions; an index behind every filter of ListSigningJobs, each in the order of the list.
// Those of what few jobs have are partial, so that other jobs do not pay for them.
constexpr std::string_view kWholeApi = R"(
ALTER TABLE signer_profiles ADD COLUMN validity_value {INT} NOT NULL DEFAULT 0;
ALTER TABLE signer_profiles ADD COLUMN validity_type {TEXT} NOT NULL DEFAULT '';
ALTER TABLE signer_profiles ADD COLUMN canceled_at {INT};
ALTER TABLE signer_profiles ADD COLUMN revoked_at {INT};
ALTER TABLE signer_profiles ADD COLUMN revoked_from {INT};
ALTER TABLE signer_profiles ADD COLUMN revoked_by {TEXT} NOT NULL DEFAULT '';
ALTER TABLE signer_profiles ADD COLUMN policy_revision {TEXT} NOT NULL DEFAULT '';
UPDATE signer_profiles SET canceled_at = changed_at WHERE status = 'Canceled';
CREATE INDEX signer_profiles_canceled ON signer_profiles (canceled_at) WHERE canceled_at IS NOT NULL;

CREATE TABLE signer_permissions (
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  profile_name {TEXT} NOT NULL,
  statement_id {TEXT} NOT NULL,
  position {INT} NOT NULL,
  action {TEXT} NOT NULL,
  principal {TEXT} NOT NULL,
  profile_version {TEXT} NOT NULL,
  PRIMARY KEY (account, region, profile_name, statement_id)
);

ALTER TABLE signer_jobs ADD COLUMN claims {INT} NOT NULL DEFAULT 0;
ALTER TABLE signer_jobs ADD COLUMN signature_expires_at {INT};
ALTER TABLE signer_jobs ADD COLUMN revoked_at {INT};
ALTER TABLE signer_jobs ADD COLUMN revoked_by {TEXT} NOT NULL DEFAULT '';
ALTER TABLE signer_jobs ADD COLUMN revocation_reason {TEXT} NOT NULL DEFAULT '';
CREATE INDEX signer_jobs_status ON signer_jobs (owner, region, status, created_at, id) WHERE status <> 'Succeeded';
CREATE INDEX signer_jobs_platform ON signer_jobs (owner, region, platform_id, created_at, id);
CREATE INDEX signer_jobs_requester ON signer_jobs (owner, region, requested_by, created_at, id);
CREATE INDEX signer_jobs_invoker ON signer_jobs (owner, region, invoker, created_at, id) WHERE invoker <> owner;
CREATE INDEX signer_jobs_elsewhere ON signer_jobs (invoker, region, created_at, id) WHERE invoker <> owner;
CREATE INDEX signer_jobs_revoked ON signer_jobs (owner, region, created_at, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX signer_jobs_expiring ON signer_jobs (owner, region, signature_expires_at, id)
  WHERE signature_expires_at IS NOT NULL;
CREATE INDEX signer_jobs_expiring_elsewhere ON signer_jobs (invoker, region, signature_expires_at, id)
  WHERE invoker <> owner AND signature_expires_at IS NOT NULL;

CREATE TABLE signer_authority (
  id {INT} NOT NULL PRIMARY KEY,
  certificate {TEXT} NOT NULL,
  sealed_key {BYTES} NOT NULL,
  created_at {INT} NOT NULL
);

CREATE TABLE signer_authority_keys (
  number {INT} NOT NULL PRIMARY KEY,
  certificate {TEXT} NOT NULL,
  certificate_hash {TEXT} NOT NULL,
  sealed_key {BYTES} NOT NULL,
  created_at {INT} NOT NULL,
  revoked_at {INT}
);
CREATE UNIQUE INDEX signer_authority_keys_hash ON signer_authority_keys (certificate_hash);
)";

constexpr std::array kMigrations{db::Migration{.component = "signer", .number = 1, .sql = kFirst},
                                 db::Migration{.component = "signer", .number = 2, .sql = kSourceContent},
                                 db::Migration{.component = "signer", .number = 3, .sql = kWholeApi}};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::signer
