// SPDX-License-Identifier: Apache-2.0

#include "services/iam/mfa_store.h"

namespace firmsign::iam::mfa {
namespace {

// In the order of the columns that every query for devices asks for.
Device ReadDevice(const db::Row& row) { return {row.String(0), row.String(1), row.String(2), row.Time(3), row.Int(4)}; }

}  // namespace

std::string SealingContext(std::string_view serial) { return "iam/mfa/" + std::string(serial); }

Expected<std::optional<Device>> Find(db::Reader& reader, std::string_view serial) {
  std::optional<Device> found;
  RETURN_IF_ERROR(reader.Query(
      "SELECT entity_id, sealed_seed, user_id, enabled_at, last_step FROM iam_mfa_devices WHERE entity_id = $1",
      [&](const db::Row& row) { found = ReadDevice(row); }, serial));
  return found;
}

Expected<std::vector<Device>> DevicesOf(db::Reader& reader, std::string_view user_id) {
  std::vector<Device> devices;
  RETURN_IF_ERROR(reader.Query(
      "SELECT entity_id, sealed_seed, user_id, enabled_at, last_step FROM iam_mfa_devices WHERE user_id = $1"
      " ORDER BY entity_id",
      [&](const db::Row& row) { devices.push_back(ReadDevice(row)); }, user_id));
  return devices;
}

Expected<void> Insert(db::Transaction& transaction, const Device& device) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_mfa_devices (entity_id, sealed_seed, user_id, enabled_at, last_step)"
      " VALUES ($1, $2, $3, $4, $5)",
      device.serial, db::Blob{device.sealed_seed}, device.user_id, device.enabled_at, device.last_step));
  return {};
}

Expected<void> Update(db::Transaction& transaction, const Device& device) {
  RETURN_IF_ERROR(transaction.Execute(
      "UPDATE iam_mfa_devices SET user_id = $1, enabled_at = $2, last_step = $3 WHERE entity_id = $4", device.user_id,
      device.enabled_at, device.last_step, device.serial));
  return {};
}

Expected<void> Remove(db::Transaction& transaction, std::string_view serial) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_mfa_devices WHERE entity_id = $1", serial));
  return {};
}

Expected<bool> TakeStep(db::Transaction& transaction, std::string_view serial, std::int64_t step) {
  ASSIGN_OR_RETURN(
      const std::int64_t taken,
      transaction.Execute("UPDATE iam_mfa_devices SET last_step = $1 WHERE entity_id = $2 AND last_step < $3", step,
                          serial, step));
  return taken > 0;
}

}  // namespace firmsign::iam::mfa
