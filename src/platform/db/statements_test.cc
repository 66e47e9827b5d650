// SPDX-License-Identifier: Apache-2.0

#include "platform/db/statements.h"

#include <gmock/gmock.h>

namespace firmsign::db {
namespace {

using ::testing::ElementsAre;

constexpr Dialect kTypes{.integer = "I", .text = "T", .bytes = "B"};

std::vector<std::string> Split(std::string_view sql) {
  auto statements = SplitStatements(sql, kTypes);
  if (!statements) return {"error: " + statements.error().message};
  return *std::move(statements);
}

TEST(SplitStatements, SplitsAtSemicolonsAndDropsWhatIsBlank) {
  EXPECT_THAT(Split("a;\n b ;; ;c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Split(" \n; "), ElementsAre());
}

TEST(SplitStatements, ReplacesTypes) {
  EXPECT_THAT(Split("x {INT}, y {TEXT}, z {BYTES}"), ElementsAre("x I, y T, z B"));
}

TEST(SplitStatements, LeavesQuotedTextAlone) {
  EXPECT_THAT(Split("a ';{INT}--' \";/*\" 'it''s;' ; b"), ElementsAre("a ';{INT}--' \";/*\" 'it''s;'", "b"));
}

TEST(SplitStatements, DropsComments) {
  EXPECT_THAT(Split("a -- one; {X}\n b /* two; 'three */ c -- end"), ElementsAre("a  \n b   c"));
}

TEST(SplitStatements, RefusesWhatDoesNotEndAndUnknownTypes) {
  for (const char* sql : {"a 'b", "a \"b", "a /* b", "{FLOAT}", "{INT"}) {
    const auto statements = SplitStatements(sql, kTypes);
    ASSERT_FALSE(statements) << sql;
    EXPECT_EQ(statements.error().code, Code::kInvalid);
  }
}

}  // namespace
}  // namespace firmsign::db
