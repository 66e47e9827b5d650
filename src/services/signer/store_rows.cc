// SPDX-License-Identifier: Apache-2.0

#include "services/signer/store_rows.h"

#include <optional>

#include "platform/json/json.h"

namespace firmsign::signer::internal {

std::string WriteMap(const StringMap& map) {
  if (map.empty()) return {};
  std::string out;
  json::Writer writer(out);
  writer.BeginObject();
  for (const auto& [name, value] : map) {
    writer.Name(name);
    writer.String(value);
  }
  writer.EndObject();
  return out;
}

namespace {

// Rows are our own writing, so anything else is damage; it shows as an empty map rather than as a refusal to list.
StringMap ReadMap(std::string_view text) {
  StringMap map;
  if (text.empty()) return map;
  const Expected<json::Value> value = json::Parse(text);
  if (!value || value->AsObject() == nullptr) return map;
  for (const auto& [name, member] : *value->AsObject()) {
    if (member.AsString() != nullptr) map.emplace(name, *member.AsString());
  }
  return map;
}

std::optional<Validity> ReadValidity(const db::Row& row, int column) {
  if (row.Int(column) == 0) return std::nullopt;
  return Validity{.value = row.Int(column), .type = row.String(column + 1)};
}

// Columns: revoked_at, revoked_from, revoked_by.
std::optional<ProfileRevocation> ReadProfileRevocation(const db::Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return ProfileRevocation{
      .effective_from = row.Time(column + 1), .revoked_at = row.Time(column), .revoked_by = row.String(column + 2)};
}

// Columns: revoked_at, revoked_by, revocation_reason.
std::optional<JobRevocation> ReadJobRevocation(const db::Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return JobRevocation{
      .reason = row.String(column + 2), .revoked_at = row.Time(column), .revoked_by = row.String(column + 1)};
}

}  // namespace

Profile ReadProfile(const db::Row& row) {
  return {.account = AccountId(row.Text(0)),
          .region = Region(row.Text(1)),
          .name = ProfileName(row.Text(2)),
          .version = ProfileVersion(row.Text(3)),
          .platform_id = row.String(4),
          .certificate_arn = row.String(5),
          .overrides = {.encryption_algorithm = row.String(6),
                        .hash_algorithm = row.String(7),
                        .image_format = row.String(8)},
          .parameters = ReadMap(row.Text(9)),
          .tags = ReadMap(row.Text(10)),
          .status = row.String(11),
          .status_reason = row.String(12),
          .created_at = row.Time(13),
          .validity = ReadValidity(row, 14),
          .revocation = ReadProfileRevocation(row, 16),
          .policy_revision = row.String(19)};
}

Job ReadJob(const db::Row& row) {
  return {.id = JobId(row.Text(0)),
          .owner = AccountId(row.Text(1)),
          .invoker = AccountId(row.Text(2)),
          .region = Region(row.Text(3)),
          .requested_by = row.String(4),
          .token = row.String(5),
          .fingerprint = row.String(6),
          .profile_name = ProfileName(row.Text(7)),
          .profile_version = ProfileVersion(row.Text(8)),
          .platform_id = row.String(9),
          .certificate_arn = row.String(10),
          .overrides = {.encryption_algorithm = row.String(11),
                        .hash_algorithm = row.String(12),
                        .image_format = row.String(13)},
          .parameters = ReadMap(row.Text(14)),
          .source_bucket = row.String(15),
          .source_key = row.String(16),
          .source_version = row.String(17),
          .source_owner = AccountId(row.Text(18)),
          .source_content = row.String(29),
          .destination_bucket = row.String(19),
          .destination_key = row.String(20),
          .destination_owner = AccountId(row.Text(21)),
          .status = row.String(22),
          .status_reason = row.String(23),
          .created_at = row.Time(24),
          .completed_at = row.OptionalTime(25),
          .signature_expires_at = row.OptionalTime(30),
          .revocation = ReadJobRevocation(row, 31),
          .lease_owner = row.String(26),
          .lease_until = row.Time(27),
          .fence = row.Int(28),
          .claims = row.Int(34)};
}

}  // namespace firmsign::signer::internal
