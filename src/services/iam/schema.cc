// SPDX-License-Identifier: Apache-2.0
//
// iam_accounts: `access_keys` is not used any more: since changes come one after another, keys are counted.
// iam_access_keys: `sealed_secret` is a box of engine/keys whose context names account and key, so that a row copied to
//   another account or key does not open.
// iam_changes: one row, whose number rises with every change: by it other nodes notice that what they keep in memory is
//   old. A change counts it up first and so has the row to itself until its commit: changes come one after another.
// iam_nodes: which change each node knows of, and until when it may rely on that (generation.h).
// iam_entities: whatever has a name and an ARN (entity_store.h), of all accounts. name_key is the name in small
// letters.
//   number, last_number: a role's longest session in seconds; a policy's default version and its newest one.
// iam_members: users in groups, roles in instance profiles.
// iam_access_keys.user_id: empty for the account's root.
// iam_mfa_devices: user_id is empty until the device is enabled; last_step is the time step of the last code that was
//   taken, so that none is taken twice.

#include "services/iam/schema.h"

namespace firmsign::iam {
namespace {

constexpr db::Migration kMigrations[] = {
    {.component = "iam", .number = 1, .sql = R"sql(
CREATE TABLE iam_accounts (
  account_id {TEXT} PRIMARY KEY,
  name {TEXT} NOT NULL,
  access_keys {INT} NOT NULL CHECK (access_keys >= 0 AND access_keys <= 2),
  created_at {INT} NOT NULL
);
CREATE INDEX iam_accounts_oldest_first ON iam_accounts (created_at, account_id);

CREATE TABLE iam_access_keys (
  access_key_id {TEXT} PRIMARY KEY,
  account_id {TEXT} NOT NULL REFERENCES iam_accounts (account_id),
  is_active {INT} NOT NULL,
  sealed_secret {BYTES} NOT NULL,
  created_at {INT} NOT NULL
);
CREATE INDEX iam_access_keys_by_account ON iam_access_keys (account_id, access_key_id);
)sql"},
    {.component = "iam", .number = 2, .sql = R"sql(
CREATE TABLE iam_changes (number {INT} NOT NULL PRIMARY KEY);
INSERT INTO iam_changes (number) VALUES (0);
)sql"},
    {.component = "iam", .number = 3, .sql = R"sql(
CREATE TABLE iam_entities (
  entity_id {TEXT} PRIMARY KEY,
  account_id {TEXT} NOT NULL,
  kind {TEXT} NOT NULL,
  name_key {TEXT} NOT NULL,
  name {TEXT} NOT NULL,
  path {TEXT} NOT NULL,
  created_at {INT} NOT NULL,
  updated_at {INT} NOT NULL,
  boundary_arn {TEXT} NOT NULL,
  description {TEXT} NOT NULL,
  document {TEXT} NOT NULL,
  number {INT} NOT NULL,
  last_number {INT} NOT NULL
);
CREATE UNIQUE INDEX iam_entities_by_name ON iam_entities (account_id, kind, name_key);
CREATE INDEX iam_entities_by_boundary ON iam_entities (boundary_arn, entity_id);

CREATE TABLE iam_tags (
  entity_id {TEXT} NOT NULL,
  tag_key {TEXT} NOT NULL,
  tag_value {TEXT} NOT NULL,
  PRIMARY KEY (entity_id, tag_key)
);

CREATE TABLE iam_inline_policies (
  entity_id {TEXT} NOT NULL,
  name {TEXT} NOT NULL,
  document {TEXT} NOT NULL,
  PRIMARY KEY (entity_id, name)
);

CREATE TABLE iam_policy_versions (
  entity_id {TEXT} NOT NULL,
  number {INT} NOT NULL,
  document {TEXT} NOT NULL,
  created_at {INT} NOT NULL,
  PRIMARY KEY (entity_id, number)
);

CREATE TABLE iam_attachments (
  entity_id {TEXT} NOT NULL,
  policy_arn {TEXT} NOT NULL,
  PRIMARY KEY (entity_id, policy_arn)
);
CREATE INDEX iam_attachments_by_policy ON iam_attachments (policy_arn, entity_id);

CREATE TABLE iam_members (
  holder_id {TEXT} NOT NULL,
  member_id {TEXT} NOT NULL,
  PRIMARY KEY (holder_id, member_id)
);
CREATE INDEX iam_members_by_member ON iam_members (member_id, holder_id);

CREATE TABLE iam_passwords (
  entity_id {TEXT} PRIMARY KEY,
  hash {TEXT} NOT NULL,
  needs_reset {INT} NOT NULL,
  created_at {INT} NOT NULL,
  changed_at {INT} NOT NULL
);

CREATE TABLE iam_mfa_devices (
  entity_id {TEXT} PRIMARY KEY,
  sealed_seed {BYTES} NOT NULL,
  user_id {TEXT} NOT NULL,
  enabled_at {INT} NOT NULL,
  last_step {INT} NOT NULL
);
CREATE INDEX iam_mfa_devices_by_user ON iam_mfa_devices (user_id, entity_id);

CREATE TABLE iam_settings (
  account_id {TEXT} NOT NULL,
  name {TEXT} NOT NULL,
  value {TEXT} NOT NULL,
  changed_at {INT} NOT NULL,
  PRIMARY KEY (account_id, name)
);

CREATE TABLE iam_aliases (
  alias {TEXT} PRIMARY KEY,
  account_id {TEXT} NOT NULL
);
CREATE UNIQUE INDEX iam_aliases_by_account ON iam_aliases (account_id);

CREATE TABLE iam_nodes (
  node {TEXT} PRIMARY KEY,
  number {INT} NOT NULL,
  lease_until {INT} NOT NULL
);

ALTER TABLE iam_access_keys ADD COLUMN user_id {TEXT} NOT NULL DEFAULT '';
ALTER TABLE iam_access_keys ADD COLUMN used_at {INT};
ALTER TABLE iam_access_keys ADD COLUMN used_region {TEXT} NOT NULL DEFAULT '';
ALTER TABLE iam_access_keys ADD COLUMN used_service {TEXT} NOT NULL DEFAULT '';
CREATE INDEX iam_access_keys_by_user ON iam_access_keys (account_id, user_id, access_key_id);
)sql"},
    {.component = "iam", .number = 4, .sql = R"sql(
CREATE TABLE iam_assertions (
  name {TEXT} PRIMARY KEY,
  expires_at {INT} NOT NULL
);

CREATE TABLE iam_password_history (
  entity_id {TEXT} NOT NULL,
  replaced_at {INT} NOT NULL,
  hash {TEXT} NOT NULL,
  PRIMARY KEY (entity_id, replaced_at)
);
)sql"},
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::iam
