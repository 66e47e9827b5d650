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

constexpr std::array<db::Migration, 2> kMigrations = {
    {{.component = "acm", .number = 1, .sql = kFirst}, {.component = "acm", .number = 2, .sql = kChanges}}};

}  // namespace

std::span<const db::Migration> Migrations() { return kMigrations; }

}  // namespace firmsign::acm
