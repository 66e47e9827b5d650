// SPDX-License-Identifier: Apache-2.0
//
// For tests: an event bus that keeps events as rows of the caller's transaction.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "ports/event_bus.h"

namespace firmsign::ports {

inline constexpr db::Migration kFakeEventsMigration{
    .component = "fake_events",
    .number = 1,
    .sql =
        "CREATE TABLE fake_events (account {TEXT} NOT NULL, resource {TEXT} NOT NULL, detail {TEXT} NOT NULL, "
        "type {TEXT} NOT NULL)"};

// Thread safety: safe.
class FakeEventBus final : public EventBus {
 public:
  struct Row {
    std::string account;
    std::string resource;
    std::string detail;
    std::string type;
  };
  static std::vector<Row> AllAnnounced(db::Database& database) {
    std::vector<Row> all;
    const auto read = database.Read([&](db::Reader& reader) {
      all.clear();
      return reader.Query("SELECT account, resource, detail, type FROM fake_events", [&](const db::Row& row) {
        all.push_back({row.String(0), row.String(1), row.String(2), row.String(3)});
      });
    });
    CHECK(read.has_value());
    return all;
  }

  std::optional<Error> announce_error;  // when set, Announce fails with it

  Expected<void> Announce(db::Transaction& transaction, const Event& event) override {
    if (announce_error) return std::unexpected(*announce_error);
    RETURN_IF_ERROR(
        transaction.Execute("INSERT INTO fake_events (account, resource, detail, type) VALUES ($1, $2, $3, $4)",
                            event.account.str(), event.resources.front(), event.detail_json, event.detail_type));
    return {};
  }
};

}  // namespace firmsign::ports
