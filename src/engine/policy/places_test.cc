// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firmsign::policy {
namespace {

using ::testing::ElementsAre;

constexpr StatementPlace At(Place begin, Place end) { return {.begin = begin, .end = end}; }

TEST(PlacesOfStatements, AreThoseThatAwsTells) {
  // The example of AWS's documentation.
  EXPECT_THAT(
      PlacesOfStatements(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}})"),
      ElementsAre(At({1, 38}, {1, 167})));
  EXPECT_THAT(PlacesOfStatements(R"({"Statement":[{"Sid":"a"},{"Sid":"b","Action":["x"]}]})"),
              ElementsAre(At({1, 15}, {1, 26}), At({1, 27}, {1, 53})));
}

TEST(PlacesOfStatements, CountLinesAndCharactersOutsideOfTexts) {
  const std::string document =
      "{\n  \"Id\": \"Statement\",\n  \"Statement\": [\n    {\"Sid\": \"\xc3\xbc{\\\"}[\"},\n    {\n      "
      "\"Condition\": {\"Statement\": {}}\n"
      "    }\n  ],\n  \"Version\": \"2012-10-17\"\n}\n";
  EXPECT_THAT(PlacesOfStatements(document), ElementsAre(At({4, 5}, {4, 22}), At({5, 5}, {7, 6})));
  EXPECT_THAT(PlacesOfStatements(R"({"Statement":[]})"), ElementsAre());
  EXPECT_THAT(PlacesOfStatements("]]}{"), ElementsAre());
}

}  // namespace
}  // namespace firmsign::policy
