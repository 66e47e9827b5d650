// SPDX-License-Identifier: Apache-2.0
//
// What the generation and its leases are kept in: iam_changes and iam_nodes (schema.cc).

#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::iam::generations {

Expected<std::uint64_t> Read(db::Reader& reader);
// Locks the row until the end of the transaction.
Expected<void> CountUp(db::Transaction& transaction);
// `node` knows `generation` and relies on that until `until`, by the database's clock.
Expected<void> Lease(db::Transaction& transaction, std::string_view node, std::uint64_t generation, Instant until);
// Another node than `node` relies on an earlier generation at `now`.
Expected<bool> IsAnotherBehind(db::Reader& reader, std::string_view node, std::uint64_t generation, Instant now);
Expected<void> RemoveNode(db::Transaction& transaction, std::string_view node);
// Of nodes whose leases ended before `then`.
Expected<void> RemoveGone(db::Transaction& transaction, Instant then);

}  // namespace firmsign::iam::generations
