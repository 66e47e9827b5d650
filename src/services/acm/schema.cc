// SPDX-License-Identifier: Apache-2.0

#include "services/acm/schema.h"

#include <array>

namespace firmsign::acm {
namespace {

// `version` counts imports of the same ARN, so that two re-imports at once do not both succeed.
constexpr std::string_view kFirst = R"(
CREATE TABLE acm_certificates (
  arn {TEXT} NOT NULL PRIMARY KEY,
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  certificate {TEXT} NOT NULL,
  chain {TEXT} NOT NULL,
  sealed_key {BYTES} NOT NULL,
  created_at {INT} NOT NULL,
  imported_at {INT} NOT NULL,
  version {INT} NOT NULL
);

CREATE INDEX acm_certificates_by_age ON acm_certificates (account, region, created_at, arn);

CREATE TABLE acm_tags (
  arn {TEXT} NOT NULL,
  tag_key {TEXT} NOT NULL,
  tag_value {TEXT},
  PRIMARY KEY (arn, tag_key)
);
)";

// One row, whose number rises with every change of a stored certificate: by it other nodes notice that what they keep
// in memory is old.
constexpr std::string_view kChanges = R"(
CREATE TABLE acm_changes (number {INT} NOT NULL PRIMARY KEY);
INSERT INTO acm_changes (number) VALUES (0);
)";

// Certificates that were requested here instead of imported, and what issues them. Empty text stands for "none".
constexpr std::string_view kRequested = R"(
ALTER TABLE acm_certificates ADD COLUMN type {TEXT} NOT NULL DEFAULT 'IMPORTED';
ALTER TABLE acm_certificates ADD COLUMN authority_arn {TEXT} NOT NULL DEFAULT '';
ALTER TABLE acm_certificates ADD COLUMN export_option {TEXT} NOT NULL DEFAULT 'DISABLED';
ALTER TABLE acm_certificates ADD COLUMN is_exported {INT} NOT NULL DEFAULT 0;
ALTER TABLE acm_certificates ADD COLUMN request_token {TEXT} NOT NULL DEFAULT '';
ALTER TABLE acm_certificates ADD COLUMN revoked_at {INT};
ALTER TABLE acm_certificates ADD COLUMN revocation_reason {TEXT} NOT NULL DEFAULT '';
CREATE INDEX acm_certificates_requested ON acm_certificates (account, region, request_token)
  WHERE request_token <> '';

CREATE TABLE acm_authorities (
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  arn {TEXT} NOT NULL,
  certificate {TEXT} NOT NULL,
  sealed_key {BYTES} NOT NULL,
  created_at {INT} NOT NULL,
  PRIMARY KEY (account, region)
);

CREATE TABLE acm_configurations (
  account {TEXT} NOT NULL,
  region {TEXT} NOT NULL,
  days_before_expiry {INT} NOT NULL,
  PRIMARY KEY (account, region)
);
)";

// Keys that lie in a token: its name, and the key's id (hexadecimal) and label there. Empty text: sealed here.
constexpr std::string_view kTokens = R"(
ALTER TABLE acm_certificates ADD COLUMN token {TEXT} NOT NULL DEFAULT '';
ALTER TABLE acm_certificates ADD COLUMN token_key_id {TEXT} NOT NULL DEFAULT '';
ALTER TABLE acm_certificates ADD COLUMN token_key_label {TEXT} NOT NULL DEFAULT '';
)";

// The last event that was sent about a certificate's end: the day (since 1970) on which it was told of as approaching,
// or -1 for its being over. Another `not_after` is another certificate under the same ARN.
constexpr std::string_view kExpiryEvents = R"(
CREATE TABLE acm_expiry_events (
  arn {TEXT} NOT NULL PRIMARY KEY,
  not_after {INT} NOT NULL,
  told {INT} NOT NULL
);
)";

constexpr std::array kMigrations{db::Migration{.component = "acm", .number = 1, .sql = kFirst},
                                 db::Migration{.component = "acm", .number = 2, .sql = kChanges},
                                 db::Migration{.component = "acm", .number = 3, .sql = kRequested},
                                 db::Migration{.component = "acm", .number = 4, .sql = kTokens},
                                 db::Migration{.component = "acm", .number = 5, .sql = kExpiryEvents}};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::acm
