// SPDX-License-Identifier: Apache-2.0

#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

class Storage : public OperationTest {
 protected:
  auto Report(std::optional<std::int64_t> max_results = {}, std::optional<std::string> token = {}) {
    return gateway.Call<operator_api::ops::ReportStorage, nullptr, &ReportStorage>(
        service, {.max_results = max_results, .next_token = std::move(token)});
  }
  auto Scrub(std::optional<std::string> token = {}) {
    return gateway.Call<operator_api::ops::ScrubStorage, nullptr, &ScrubStorage>(service,
                                                                                 {.next_token = std::move(token)});
  }
};

TEST_F(Storage, IsReportedPageByPage) {
  for (const char* name : {"a", "b", "c"}) {
    stored_bytes.buckets.push_back({.bucket = name,
                                    .owner = AccountId("111122223333"),
                                    .region = Region("us-east-1"),
                                    .signed_objects = {1, 10},
                                    .other_objects = {2, 20},
                                    .unfinished_parts = {3, 30}});
  }
  const auto first = Report(2);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->buckets.size(), 2U);
  const operator_api::BucketUsage& one = first->buckets.front();
  EXPECT_EQ(one.bucket, "a");
  EXPECT_EQ(one.account_id, "111122223333");
  EXPECT_EQ(one.region, "us-east-1");
  EXPECT_EQ(one.signed_objects.count, 1);
  EXPECT_EQ(one.other_objects.bytes, 20);
  EXPECT_EQ(one.unfinished_parts.count, 3);
  EXPECT_EQ(first->next_token, "b");
  const auto rest = Report(2, first->next_token);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->buckets.size(), 1U);
  EXPECT_EQ(rest->buckets.front().bucket, "c");
  EXPECT_EQ(rest->next_token, std::nullopt);
}

TEST_F(Storage, TellsWhatIsDamaged) {
  stored_bytes.page = {.read = {2, 7},
                       .damaged = {{.bucket = "a", .key = "k", .version_id = "v", .part = 0, .problem = "gone"},
                                   {.bucket = "a", .key = "l", .version_id = "", .part = 4, .problem = "torn"}},
                       .next = "there"};
  const auto page = Scrub();
  ASSERT_TRUE(page);
  EXPECT_EQ(page->read.count, 2);
  EXPECT_EQ(page->read.bytes, 7);
  EXPECT_EQ(page->next_token, "there");
  ASSERT_EQ(page->damaged.size(), 2U);
  EXPECT_EQ(page->damaged[0].version_id, "v");
  EXPECT_EQ(page->damaged[0].part_number, std::nullopt);
  EXPECT_EQ(page->damaged[1].version_id, std::nullopt);
  EXPECT_EQ(page->damaged[1].part_number, 4);
  EXPECT_EQ(page->damaged[1].problem, "torn");
  stored_bytes.page.next.clear();
  EXPECT_EQ(Scrub()->next_token, std::nullopt);
  const auto refused = Scrub("elsewhere");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().shape->name, "ValidationException");
}

}  // namespace
}  // namespace firmsign::iam
