// SPDX-License-Identifier: Apache-2.0

#include "services/s3/policy_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firmsign::s3 {
namespace {

using ::testing::HasSubstr;

constexpr const char* kStatement = R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},)"
                                   R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})";

std::string With(std::string_view from, std::string_view to) {
  std::string statement = kStatement;
  const std::size_t at = statement.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  statement.replace(at, from.size(), to);
  return R"({"Version":"2012-10-17","Statement":[)" + statement + "]}";
}

TEST(PolicyDocument, IsKeptInItsForm) {
  for (const std::string& good :
       {With("Allow", "Deny"), With(R"("s3:GetObject")", R"(["s3:Get*","s3:ListBucket"])"), With("bkt/*", "bkt"),
        With(R"("Action")", R"("NotAction")"), With(R"({"AWS":"arn:aws:iam::111122223333:root"})", R"("*")"),
        With(R"({"Effect")", R"({"Sid":"one","Condition":{"Bool":{"aws:SecureTransport":"true"}},"Effect")"),
        R"({"Statement":)" + std::string(kStatement) + "}"}) {
    EXPECT_TRUE(JudgePolicy(good, "bkt")) << good;
  }
}

TEST(PolicyDocument, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> wrong[] = {
      {"", "invalid Json"},
      {"[]", "not an object"},
      {R"({"Version":"2012-10-17"})", "Statement"},
      {R"({"Statement":[]})", "empty"},
      {R"({"Statement":["a"]})", "a statement is an object (Statement[0])"},
      {R"({"Version":"2020-01-01","Statement":[]})", "valid version"},
      {R"({"Statments":[]})", "Unknown field Statments"},
      {With("Allow", "allow"), "Invalid effect"},
      {With(R"("Effect":"Allow",)", ""), "Missing required field Effect"},
      {With(R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"},)", ""), "Missing required field Principal"},
      {With(R"("AWS")", R"("Robot")"), "Invalid principal"},
      {With(R"({"AWS":"arn:aws:iam::111122223333:root"})", R"("root")"), "Invalid principal"},
      {With("s3:GetObject", "signer:StartSigningJob"), "invalid action: signer:StartSigningJob"},
      {With(R"("s3:GetObject")", "7"), "prefaced by a vendor"},
      {With("bkt/*", "other/*"), "invalid resource"},
      {With("arn:aws:s3:::bkt/*", "*"), "invalid resource"},
      {With("bkt/*", "bkt-else"), "invalid resource"},
      {With(R"("Action")", R"("NotAction":"s3:*","Action")"), "both Action and NotAction"},
      {With(R"({"Effect")", R"({"Condition":"always","Effect")"), "an object of operators"},
      {std::string(kPolicyBytesMax + 1, ' '), "smaller than 20480 bytes"},
  };
  for (const auto& [document, message] : wrong) {
    const auto judged = JudgePolicy(document, "bkt");
    ASSERT_FALSE(judged) << document;
    EXPECT_THAT(judged.error().message, HasSubstr(message)) << document;
  }
}

TEST(PolicyDocument, KnowsWhenItLetsEverybodyIn) {
  constexpr const char* kRoot = R"({"AWS":"arn:aws:iam::111122223333:root"})";
  EXPECT_FALSE(JudgePolicy(With("Allow", "Allow"), "bkt")->is_public);
  EXPECT_TRUE(JudgePolicy(With(kRoot, R"("*")"), "bkt")->is_public);
  EXPECT_TRUE(JudgePolicy(With(kRoot, R"({"AWS":["111122223333","*"]})"), "bkt")->is_public);
  EXPECT_TRUE(JudgePolicy(With("Principal", "NotPrincipal"), "bkt")->is_public);
  EXPECT_FALSE(JudgePolicy(With(R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"})",
                                R"("Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"),
                           "bkt")
                   ->is_public);
}

}  // namespace
}  // namespace firmsign::s3
