// SPDX-License-Identifier: Apache-2.0

#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/check.h"

namespace firmsign {
namespace {

Expected<int> Half(int number) {
  if (number % 2 != 0) return Fail(Code::kInvalid, "odd");
  return number / 2;
}

Expected<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const int half, Half(number));
  ASSIGN_OR_RETURN(int quarter, Half(half));
  return quarter;
}

Expected<std::string> IsEven(int number) {
  RETURN_IF_ERROR(Half(number));
  return "even";
}

Expected<std::unique_ptr<int>> Box(int number) {
  ASSIGN_OR_RETURN(const int half, Half(number));
  return std::make_unique<int>(half);
}

Expected<int> Unbox(int number) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> box, Box(number));
  return *box;
}

TEST(AssignOrReturn, TakesTheValueOrLeavesWithTheError) {
  EXPECT_EQ(Quarter(8), 2);
  ASSERT_FALSE(Quarter(6).has_value());
  EXPECT_EQ(Quarter(6).error().code, Code::kInvalid);
  EXPECT_EQ(Quarter(6).error().message, "odd");
}

TEST(AssignOrReturn, MovesWhatCannotBeCopied) { EXPECT_EQ(Unbox(8), 4); }

TEST(ReturnIfError, GoesOnOrLeavesWithTheError) {
  EXPECT_EQ(IsEven(2), "even");
  ASSERT_FALSE(IsEven(3).has_value());
  EXPECT_EQ(IsEven(3).error().message, "odd");
}

TEST(CodeName, NamesEveryCode) {
  EXPECT_EQ(CodeName(Code::kInvalid), "invalid");
  EXPECT_EQ(CodeName(Code::kNotFound), "not_found");
  EXPECT_EQ(CodeName(Code::kConflict), "conflict");
  EXPECT_EQ(CodeName(Code::kDenied), "denied");
  EXPECT_EQ(CodeName(Code::kExhausted), "exhausted");
  EXPECT_EQ(CodeName(Code::kUnavailable), "unavailable");
  EXPECT_EQ(CodeName(Code::kCorrupt), "corrupt");
  EXPECT_EQ(CodeName(Code::kInternal), "internal");
}

TEST(CheckDeathTest, EndsTheProcessAndSaysWhereAndWhat) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "error_test.cc:[0-9]+: check failed: 1 \\+ 1 == 3");
  CHECK(1 + 1 == 2);
}

}  // namespace
}  // namespace firmsign
