// SPDX-License-Identifier: Apache-2.0
//
// iam_accounts: `access_keys` counts the rows of iam_access_keys that are of the account's root, so that one guarded
//   statement keeps the quota on every database.
// iam_access_keys: `sealed_secret` is a box of engine/keys whose context names account and key, so that a row copied to
//   another account or key does not open.
// iam_changes: one row, whose number rises with every change of an access key: by it other nodes notice that what they
//   keep in memory is old.

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
};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::iam
