// SPDX-License-Identifier: Apache-2.0

#include "gateway/post_policy.h"

#include <gtest/gtest.h>

namespace firmsign::gateway {
namespace {

const Instant kNow = *ParseIso8601("2026-01-01T12:00:00Z");

// What is wrong with a form of these fields under a policy with these conditions; empty: nothing.
std::string Judged(std::string_view conditions, std::vector<std::pair<std::string, std::string>> fields,
                   std::string_view expiration = "2026-01-01T12:00:01.000Z") {
  const std::string policy =
      R"({"expiration":")" + std::string(expiration) + R"(","conditions":[)" + std::string(conditions) + "]}";
  const auto lengths = JudgePost(policy, {.fields = std::move(fields)}, "firmware", kNow);
  if (lengths) return "";
  return (lengths.error().is_malformed ? "malformed: " : "") + lengths.error().message;
}

constexpr std::string_view kBucket = R"({"bucket":"firmware"})";

TEST(PostPolicy, AllowsWhatItsConditionsSay) {
  EXPECT_EQ(
      Judged(R"({"bucket":"firmware"},["starts-with","$key","builds/"],["EQ","$Content-Type","a/b"],{"ACL":"private"})",
             {{"key", "builds/7"},
              {"content-type", "a/b"},
              {"acl", "private"},
              {"policy", "p"},
              {"x-amz-signature", "s"},
              {"x-ignore-me", "x"}}),
      "");
  EXPECT_EQ(Judged(R"({"bucket":"firmware"},["starts-with","$content-type",""])", {}), "");
}

TEST(PostPolicy, DeniesEverythingElse) {
  const auto denied = [](std::string_view conditions, std::vector<std::pair<std::string, std::string>> fields) {
    return Judged(std::string(kBucket) + std::string(conditions), std::move(fields));
  };
  EXPECT_EQ(denied("", {{"key", "k"}}), "Invalid according to Policy: Extra input fields: key");
  EXPECT_EQ(denied(R"(,{"key":"k"})", {{"key", "l"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$key", "k"])");
  EXPECT_EQ(denied(R"(,{"key":""})", {}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$key", ""])");
  EXPECT_EQ(denied(R"(,["starts-with","$key","a/"])", {{"key", "A/"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "a/"])");
  EXPECT_EQ(Judged(R"({"bucket":"another"})", {}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "another"])");
  EXPECT_EQ(Judged(R"({"key":"k"})", {{"key", "k"}}), "Invalid according to Policy: Extra input fields: bucket");
  EXPECT_EQ(Judged(R"({"bucket":"another"})", {{"bucket", "another"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "another"])");
  EXPECT_EQ(Judged(kBucket, {}, "2026-01-01T12:00:00Z"), "Invalid according to Policy: Policy expired.");
}

TEST(PostPolicy, TellsTheLengthsOfTheFile) {
  const auto lengths = [](std::string_view ranges) {
    return JudgePost(R"({"expiration":"2027-01-01T00:00:00Z","conditions":[{"bucket":"firmware"})" +
                         std::string(ranges) + "]}",
                     {}, "firmware", kNow)
        .value();
  };
  EXPECT_EQ(lengths("").min, std::nullopt);
  EXPECT_EQ(lengths("").max, std::nullopt);
  EXPECT_EQ(lengths(R"(,["content-length-range",1,"20"])").min, 1U);
  EXPECT_EQ(lengths(R"(,["content-length-range",1,"20"])").max, 20U);
  EXPECT_EQ(lengths(R"(,["content-length-range",1,20],["content-length-range",5,50])").min, 5U);
  EXPECT_EQ(lengths(R"(,["content-length-range",1,20],["content-length-range",5,50])").max, 20U);
}

TEST(PostPolicy, RefusesWhatIsNoPolicy) {
  for (const char* policy : {"", "[]", "{", "{}", R"({"expiration":"2027-01-01T00:00:00Z"})", R"({"conditions":[]})",
                             R"({"expiration":"tomorrow","conditions":[]})", R"({"expiration":1,"conditions":[]})",
                             R"({"expiration":"2027-01-01T00:00:00Z","conditions":{}})"}) {
    const auto lengths = JudgePost(policy, {}, "firmware", kNow);
    ASSERT_FALSE(lengths) << policy;
    EXPECT_TRUE(lengths.error().is_malformed) << policy;
  }
  for (const char* condition :
       {"1", "[]", "{}", R"({"a":"b","c":"d"})", R"({"a":1})", R"(["eq","$key"])", R"(["eq","key","k"])",
        R"(["eq","$key",1])", R"(["ends-with","$key","k"])", R"(["content-length-range",-1,5])",
        R"(["content-length-range","a",5])", R"(["content-length-range",1.5,5])", R"([1,2,3])"}) {
    EXPECT_TRUE(Judged(condition, {}).starts_with("malformed: Invalid Policy: ")) << condition;
  }
}

}  // namespace
}  // namespace firmsign::gateway
