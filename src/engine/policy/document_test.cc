// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/document.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "base/encoding.h"
#include "engine/policy/parsed.h"
#include "engine/policy/testing/rows.h"

namespace firmsign::policy {
namespace {

using ::testing::HasSubstr;

DocumentKind KindNamed(std::string_view name) {
  if (name == "resource") return DocumentKind::kResource;
  return name == "trust" ? DocumentKind::kTrust : DocumentKind::kIdentity;
}

TEST(Document, IsTakenOrRefusedWithReasonAndPlace) {
  for (const Row& row : ReadRows("documents.txt", 3)) {
    const auto parsed = ParseDocument(row.cells[2], KindNamed(row.cells[0]));
    if (row.cells[1] == "ok") {
      EXPECT_TRUE(parsed) << row.place << ": " << (parsed ? "" : parsed.error().message);
      continue;
    }
    ASSERT_FALSE(parsed) << row.place;
    EXPECT_EQ(parsed.error().code, Code::kInvalid) << row.place;
    EXPECT_THAT(parsed.error().message, HasSubstr(row.cells[1])) << row.place;
  }
}

// The operator tables.
TEST(Condition, HoldsAsTheTablesSay) {
  for (const Row& row : ReadRows("operators.txt", 4)) {
    const std::string& said = row.cells[2];
    json::Array values;
    for (const std::string& value : Split(row.cells[1], "|")) values.emplace_back(value);
    const json::Value block(
        json::Object{{row.cells[0], json::Value(json::Object{{"test:Key", json::Value(std::move(values))}})}});
    const auto condition = Condition::Parse(block, /*has_variables=*/true);
    ASSERT_TRUE(condition) << row.place << ": " << condition.error().message;
    Context context;
    if (said == "none") context.AddKey("test:Key");
    if (said != "none" && said != "absent") {
      for (const std::string& value : Split(said, "&")) context.Add("TEST:key", value);
    }
    ASSERT_TRUE(row.cells[3] == "holds" || row.cells[3] == "fails") << row.place;
    EXPECT_EQ(condition->Holds(context, /*variables_fail=*/true), row.cells[3] == "holds") << row.place;
  }
}

TEST(Statement, MatchesAsTheTableSays) {
  Context context;
  context.Set("aws:username", "sam");
  context.Set("aws:PrincipalTag/team", "boot");
  context.Set("aws:Star", "*");
  context.Add("aws:Several", "a");
  context.Add("aws:Several", "b");
  const Principal principal;
  for (const Row& row : ReadRows("matches.txt", 4)) {
    const bool is_action = row.cells[0] == "action";
    std::string text;
    json::Writer writer(text);
    writer.String(row.cells[1]);
    const std::string document =
        fmt::format(R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{},"Resource":{}}}}})",
                    is_action ? text : "\"*\"", is_action ? "\"*\"" : text);
    const auto parsed = ParseDocument(document, DocumentKind::kIdentity);
    ASSERT_TRUE(parsed) << row.place << ": " << parsed.error().message;
    const std::string action = is_action ? row.cells[2] : "s3:GetObject";
    const Request request{principal, action, is_action ? "*" : std::string_view(row.cells[2]), context};
    EXPECT_EQ(parsed->statements[0].Matches(request, ToLower(action)), row.cells[3] == "yes") << row.place;
  }
}

// What is missing makes an Allow allow nothing, and a Deny deny no less.
TEST(Statement, ErrsOnTheSafeSideWhereAVariableIsUnknown) {
  const auto matches = [](std::string_view effect, std::string_view rest) {
    const auto parsed = ParseDocument(
        fmt::format(R"({{"Version":"2012-10-17","Statement":{{"Effect":"{}","Action":"*",{}}}}})", effect, rest),
        DocumentKind::kIdentity);
    CHECK(parsed.has_value());
    const Principal principal;
    Context context;
    context.Set("aws:PrincipalArn", "x");
    return parsed->statements[0].Matches({principal, "s3:GetObject", "arn:aws:s3:::a/b", context}, "s3:getobject");
  };
  constexpr std::string_view kNotResource = R"("NotResource":"arn:aws:s3:::${aws:username}/*")";
  EXPECT_FALSE(matches("Allow", kNotResource));
  EXPECT_TRUE(matches("Deny", kNotResource));
  constexpr std::string_view kNotEquals =
      R"("Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalArn":"${aws:username}"}})";
  EXPECT_FALSE(matches("Allow", kNotEquals));
  EXPECT_TRUE(matches("Deny", kNotEquals));
  constexpr std::string_view kEquals =
      R"("Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":["${aws:username}","x"]}})";
  EXPECT_TRUE(matches("Allow", kEquals)) << "the other value holds";
}

TEST(Statement, IsPublicWhenAnybodyMayFulfilIt) {
  const auto is_public = [](std::string_view members) {
    const auto parsed = ParseDocument(fmt::format(R"({{"Version":"2012-10-17",
            "Statement":{{"Action":"s3:*","Resource":"arn:aws:s3:::x",{}}}}})",
                                                  members),
                                      DocumentKind::kResource);
    CHECK(parsed.has_value());
    return parsed->statements[0].IsPublic();
  };
  EXPECT_TRUE(is_public(R"("Effect":"Allow","Principal":"*")"));
  EXPECT_TRUE(is_public(R"("Effect":"Allow","Principal":{"AWS":["111122223333","*"]})"));
  EXPECT_TRUE(is_public(R"("Effect":"Allow","NotPrincipal":{"AWS":"111122223333"})"));
  EXPECT_FALSE(is_public(R"("Effect":"Deny","Principal":"*")"));
  EXPECT_FALSE(is_public(R"("Effect":"Allow","Principal":{"AWS":"111122223333"})"));
  const auto with = [&](std::string_view condition) {
    return is_public(fmt::format(R"("Effect":"Allow","Principal":"*","Condition":{{{}}})", condition));
  };
  for (const char* condition :
       {R"("Bool":{"aws:SecureTransport":"true"})", R"("StringLike":{"aws:Referer":"https://example.com/*"})",
        R"("StringNotEquals":{"aws:PrincipalAccount":"111122223333"})",
        R"("StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"})",
        R"("ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"})", R"("Null":{"aws:PrincipalArn":"false"})",
        R"("StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"})",
        R"("StringEquals":{"aws:PrincipalArn":["arn:aws:iam::111122223333:user/sam","${aws:PrincipalArn}"]})",
        R"("IpAddress":{"aws:SourceIp":"0.0.0.0/0"})", R"("IpAddress":{"aws:SourceIp":["10.0.0.0/8","128.0.0.0/1"]})",
        R"("IpAddress":{"aws:SourceIp":"2001::/16"})", R"("NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"})",
        R"("DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"})"}) {
    EXPECT_TRUE(with(condition)) << condition;
  }
  for (const char* condition :
       {R"("StringEquals":{"aws:PrincipalOrgID":"o-1"})", R"("StringLike":{"aws:userid":"AIDA1"})",
        R"("ArnLike":{"aws:SourceArn":"arn:aws:signer:us-east-1:111122223333:/x"})",
        R"("IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]})",
        R"("Bool":{"aws:SecureTransport":"true"},"StringEqualsIgnoreCase":{"aws:SourceVpce":"vpce-1"})"}) {
    EXPECT_FALSE(with(condition)) << condition;
  }
}

TEST(CountedCharacters, LeavesWhiteSpaceOut) {
  EXPECT_EQ(CountedCharacters(" {\n\t\"a\" :\r \"\u00fc\" }"), 9U);
  EXPECT_EQ(CountedCharacters(""), 0U);
}

TEST(ParsedPolicies, GiveTheSamePolicyForTheSameText) {
  ParsedPolicies parsed;
  constexpr const char* kText = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
  const auto first = parsed.Get("one", kText, DocumentKind::kIdentity);
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, *parsed.Get("one", kText, DocumentKind::kIdentity));
  EXPECT_NE(*first, *parsed.Get("two", kText, DocumentKind::kIdentity)) << "another source";
  EXPECT_FALSE(parsed.Get("one", kText, DocumentKind::kTrust)) << "another kind";
}

}  // namespace
}  // namespace firmsign::policy
