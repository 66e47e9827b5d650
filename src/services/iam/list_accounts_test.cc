// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListAccountsTest : public OperationTest {
 protected:
  std::vector<std::string> NamesOnAllPages(std::int64_t page_size) {
    std::vector<std::string> names;
    std::optional<std::string> token;
    do {
      const auto page = List(page_size, token).value();
      EXPECT_LE(std::ssize(page.accounts), page_size);
      for (const auto& account : page.accounts) names.push_back(account.name);
      token = page.next_token;
    } while (token);
    return names;
  }
};

TEST_F(ListAccountsTest, IsEmptyWhereThereAreNone) {
  const auto page = List().value();
  EXPECT_THAT(page.accounts, IsEmpty());
  EXPECT_EQ(page.next_token, std::nullopt);
}

TEST_F(ListAccountsTest, ShowsEachAccountOnceWhateverThePageSize) {
  for (const char* name : {"one", "two", "three", "four"}) {
    ASSERT_TRUE(Create(name).has_value());
    PassASecond();
  }
  for (const std::int64_t page_size : {1, 2, 3, 4, 1000}) {
    EXPECT_THAT(NamesOnAllPages(page_size), ElementsAre("one", "two", "three", "four")) << page_size;
  }
}

TEST_F(ListAccountsTest, OrdersThoseOfOneMomentByTheirIds) {
  ASSERT_TRUE(Create("b", "222222222222").has_value());
  ASSERT_TRUE(Create("c", "333333333333").has_value());
  ASSERT_TRUE(Create("a", "111111111111").has_value());
  EXPECT_THAT(NamesOnAllPages(1), ElementsAre("a", "b", "c"));
}

TEST_F(ListAccountsTest, RefusesATokenThatItDidNotGiveOut) {
  const auto page = List({}, "999999999999");
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().shape->name, "ValidationException");
}

using AccountsTest = OperationTest;

TEST_F(AccountsTest, KnowsAnAccountAsSoonAsItIsMade) {
  const AccountId id("111122223333");
  EXPECT_EQ(accounts.Exists(id).error().code, Code::kNotFound);
  ASSERT_TRUE(Create("a", id.str()).has_value());
  EXPECT_TRUE(accounts.Exists(id).has_value());
  EXPECT_TRUE(accounts.Exists(id).has_value()) << "from memory";
  for (const std::string& text : {std::string(), std::string("12"), std::string("1111\0002222333", 12)}) {
    EXPECT_EQ(accounts.Exists(AccountId(text)).error().code, Code::kNotFound);
  }
}

TEST(OperatorRoutes, NameTheServiceAndEveryOperation) {
  EXPECT_EQ(operator_api::kService.signing_name, "firmsign");
  EXPECT_EQ(operator_api::kService.event_source, "firmsign");
  EXPECT_TRUE(operator_api::kService.operator_only);
}

}  // namespace
}  // namespace firmsign::iam
