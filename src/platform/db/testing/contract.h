// SPDX-License-Identifier: Apache-2.0
//
// A small table in an empty database of each driver, for tests of what every driver has to do.

#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/testing/databases.h"

namespace firmsign::db::testing {

inline constexpr std::string_view kMakeItems =
    "CREATE TABLE items (id {INT} NOT NULL PRIMARY KEY, name {TEXT} UNIQUE, body {BYTES}, CHECK (id >= 0))";
inline constexpr std::array kSchema{Migration{.component = "test", .number = 1, .sql = kMakeItems}};

inline constexpr std::string_view kInsert = "INSERT INTO items (id, name) VALUES ($1, $2)";

class DatabaseContract : public ::testing::TestWithParam<const Backend*> {
 protected:
  void SetUp() override {
    place_ = GetParam()->make_place();
    Open();
    const auto migrated = Migrate(*database_, kSchema);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }

  void Open() {
    database_.reset();
    auto opened = place_->Open(clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
  }

  Expected<void> Insert(std::int64_t id, std::string_view name) {
    return database_->InTransaction([&](Transaction& tx) -> Expected<void> {
      RETURN_IF_ERROR(tx.Execute(kInsert, id, name));
      return {};
    });
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto read = database_->Read([&](Reader& reader) {
      names.clear();
      return reader.Query("SELECT name FROM items ORDER BY id",
                          [&](const Row& row) { names.push_back(row.String(0)); });
    });
    EXPECT_TRUE(read) << read.error().message;
    return names;
  }

  FakeClock clock_{InstantFromSeconds(1'700'000'000)};
  std::unique_ptr<Place> place_;
  std::unique_ptr<Database> database_;
};

}  // namespace firmsign::db::testing
