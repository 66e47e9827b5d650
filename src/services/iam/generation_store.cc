// SPDX-License-Identifier: Apache-2.0

#include "services/iam/generation_store.h"

namespace firmsign::iam::generations {

Expected<std::uint64_t> Read(db::Reader& reader) {
  std::uint64_t number = 0;
  RETURN_IF_ERROR(reader.Query("SELECT number FROM iam_changes",
                               [&](const db::Row& row) { number = static_cast<std::uint64_t>(row.Int(0)); }));
  return number;
}

Expected<void> CountUp(db::Transaction& transaction) {
  RETURN_IF_ERROR(transaction.Execute("UPDATE iam_changes SET number = number + 1"));
  return {};
}

Expected<void> Lease(db::Transaction& transaction, std::string_view node, std::uint64_t generation, Instant until) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_nodes (node, number, lease_until) VALUES ($1, $2, $3)"
      " ON CONFLICT (node) DO UPDATE SET number = excluded.number, lease_until = excluded.lease_until",
      node, static_cast<std::int64_t>(generation), until));
  return {};
}

Expected<bool> IsAnotherBehind(db::Reader& reader, std::string_view node, std::uint64_t generation, Instant now) {
  bool is_behind = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT 1 FROM iam_nodes WHERE number < $1 AND lease_until > $2 AND node <> $3",
      [&](const db::Row&) { is_behind = true; }, static_cast<std::int64_t>(generation), now, node));
  return is_behind;
}

Expected<void> RemoveNode(db::Transaction& transaction, std::string_view node) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_nodes WHERE node = $1", node));
  return {};
}

Expected<void> RemoveGone(db::Transaction& transaction, Instant then) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_nodes WHERE lease_until < $1", then));
  return {};
}

}  // namespace firmsign::iam::generations
