// SPDX-License-Identifier: Apache-2.0

#include "gateway/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "gateway/testing/services.h"
#include "platform/db/sqlite.h"
#include "platform/json/json.h"
#include "ports/testing/audit_trail.h"

namespace firmsign::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Audit : public testing::Test {
 protected:
  Audit() { CHECK(db::Migrate(*database, std::array{ports::kFakeAuditMigration}).has_value()); }

  template <class Op>
  CallFacts FactsOf() {
    CallFacts facts;
    facts.operation = &Op::kDescriptor;
    facts.request_id = RequestId("the-request");
    facts.caller = policy::RootOf(AccountId("111122223333"), AccessKeyId("AKIAEXAMPLE"));
    facts.region = Region("us-east-1");
    facts.now = InstantFromSeconds(1'700'000'000);
    facts.source_ip = "192.0.2.7";
    facts.user_agent = "aws-cli/2";
    return facts;
  }
  // A member of the last record, as JSON text or plain string; "null" when it is null, "" when absent.
  static std::string Member(const std::string& record, std::string_view name) {
    const auto value = json::Parse(record);
    if (!value) return "not JSON";
    const json::Value* member = value->Find(name);
    if (member == nullptr) return "";
    if (member->AsString() != nullptr) return *member->AsString();
    return "other";
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  FakeRandom random;
  std::unique_ptr<db::SqliteDatabase> database = *db::OpenSqlite({.path = ":memory:"}, clock);
  ports::FakeAuditTrail trail;
  Auditor auditor{trail, random, {}};
};

TEST_F(Audit, WritesWhoDidWhatWhenAndFromWhere) {
  const CallFacts facts = FactsOf<signer::ops::CancelSigningProfile>();
  const signer::CancelSigningProfileRequest input{.profile_name = "release"};
  const signer::ops::CancelSigningProfile::Output output;
  ASSERT_TRUE(database->InTransaction(
      [&](db::Transaction& transaction) { return auditor.RecordChange(transaction, facts, &input, &output); }));
  const auto written = ports::FakeAuditTrail::AllWritten(*database);
  ASSERT_THAT(written, SizeIs(1));
  const std::string& json = written[0].json;
  EXPECT_EQ(written[0].event_name, "CancelSigningProfile");
  EXPECT_EQ(Member(json, "eventName"), "CancelSigningProfile");
  EXPECT_EQ(Member(json, "eventSource"), "signer.amazonaws.com");
  EXPECT_EQ(Member(json, "eventTime"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(Member(json, "awsRegion"), "us-east-1");
  EXPECT_EQ(Member(json, "sourceIPAddress"), "192.0.2.7");
  EXPECT_EQ(Member(json, "userAgent"), "aws-cli/2");
  EXPECT_EQ(Member(json, "requestID"), "the-request");
  EXPECT_EQ(Member(json, "recipientAccountId"), "111122223333");
  EXPECT_EQ(Member(json, "eventCategory"), "Management");
  EXPECT_THAT(json, HasSubstr(R"("requestParameters":{"profileName":"release"})"));
  EXPECT_THAT(json, HasSubstr(R"("readOnly":false)"));
  EXPECT_THAT(json, HasSubstr(R"("type":"Root")"));
  EXPECT_THAT(json, HasSubstr(R"("accessKeyId":"AKIAEXAMPLE")"));
  EXPECT_THAT(json, Not(HasSubstr("errorCode")));
}

TEST_F(Audit, WritesARefusedChangeAloneWithItsReason) {
  const CallFacts facts = FactsOf<signer::ops::CancelSigningProfile>();
  const signer::CancelSigningProfileRequest input{.profile_name = "release"};
  const aws::ApiError error{.shape = &signer::errors::ResourceNotFoundException::kShape, .message = "no \"such\" one"};
  ASSERT_TRUE(auditor.RecordOutcome(facts, &input, nullptr, &error));
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_THAT(trail.queued, IsEmpty());
  EXPECT_EQ(Member(trail.alone[0].json, "errorCode"), "ResourceNotFoundException");
  EXPECT_EQ(Member(trail.alone[0].json, "errorMessage"), "no \"such\" one");
  EXPECT_THAT(trail.alone[0].json, HasSubstr(R"("responseElements":null)"));
}

TEST_F(Audit, OnlyQueuesAChangeThatWasNotAdmitted) {
  const CallFacts facts = FactsOf<signer::ops::CancelSigningProfile>();
  const aws::ApiError error{.shape = &signer::errors::ResourceNotFoundException::kShape};
  ASSERT_TRUE(auditor.RecordOutcome(facts, nullptr, nullptr, &error, /*is_admitted=*/false));
  EXPECT_THAT(trail.alone, IsEmpty());
  EXPECT_THAT(trail.queued, SizeIs(1));
}

TEST_F(Audit, QueuesReadsUnlessTheyAreStrict) {
  const CallFacts facts = FactsOf<signer::ops::DescribeSigningJob>();
  const signer::DescribeSigningJobRequest input{.job_id = "j"};
  ASSERT_TRUE(auditor.RecordOutcome(facts, &input, nullptr, nullptr));
  ASSERT_THAT(trail.queued, SizeIs(1));
  EXPECT_TRUE(trail.queued[0].read_only);
  EXPECT_THAT(trail.queued[0].json, HasSubstr(R"("readOnly":true)"));

  trail.write_error = Error{Code::kExhausted, "the disk is full"};
  EXPECT_TRUE(auditor.RecordOutcome(facts, &input, nullptr, nullptr)) << "reads go on";
  Auditor strict(trail, random, {.strict_reads = true});
  EXPECT_FALSE(strict.RecordOutcome(facts, &input, nullptr, nullptr));
}

TEST_F(Audit, NeverWaitsForTheRecordOfACallThatWasNotAdmitted) {
  const CallFacts facts = FactsOf<signer::ops::DescribeSigningJob>();
  const aws::ApiError error{.shape = &signer::errors::ThrottlingException::kShape};
  Auditor strict(trail, random, {.strict_reads = true});
  EXPECT_TRUE(strict.RecordOutcome(facts, nullptr, nullptr, &error, /*is_admitted=*/false));
  EXPECT_THAT(trail.alone, IsEmpty());
  EXPECT_THAT(trail.queued, SizeIs(1));
}

TEST_F(Audit, RecordsS3ObjectCallsOnlyWhenAsked) {
  const CallFacts facts = FactsOf<s3::ops::GetObject>();
  ASSERT_TRUE(auditor.RecordOutcome(facts, nullptr, nullptr, nullptr));
  EXPECT_THAT(trail.queued, IsEmpty());
  Auditor curious(trail, random, {.data_events = true});
  ASSERT_TRUE(curious.RecordOutcome(facts, nullptr, nullptr, nullptr));
  ASSERT_THAT(trail.queued, SizeIs(1));
  EXPECT_EQ(Member(trail.queued[0].json, "eventCategory"), "Data");
}

TEST_F(Audit, HidesAPrivateKey) {
  const CallFacts facts = FactsOf<acm::ops::ImportCertificate>();
  acm::ImportCertificateRequest input;
  input.certificate = "public";
  input.private_key = SecretBytes("BEGIN PRIVATE KEY");
  ASSERT_TRUE(auditor.RecordOutcome(facts, &input, nullptr, nullptr));
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_THAT(trail.alone[0].json, Not(HasSubstr("BEGIN PRIVATE")));
  EXPECT_THAT(trail.alone[0].json, HasSubstr("HIDDEN_DUE_TO_SECURITY_REASONS"));
}

TEST_F(Audit, NamesTheOperatorAndTheSocket) {
  CallFacts facts = FactsOf<signer::ops::ListSigningJobs>();
  facts.caller.type = policy::PrincipalType::kOperator;
  facts.source_ip.clear();
  ASSERT_TRUE(auditor.RecordOutcome(facts, nullptr, nullptr, nullptr));
  ASSERT_THAT(trail.queued, SizeIs(1));
  EXPECT_THAT(trail.queued[0].json, HasSubstr(R"("type":"operator")"));
  EXPECT_EQ(Member(trail.queued[0].json, "sourceIPAddress"), "admin.sock");
}

TEST_F(Audit, CannotBeForgedByAUserAgent) {
  CallFacts facts = FactsOf<signer::ops::ListSigningJobs>();
  facts.user_agent = "x\",\"eventName\":\"Nothing\n";
  ASSERT_TRUE(auditor.RecordOutcome(facts, nullptr, nullptr, nullptr));
  ASSERT_THAT(trail.queued, SizeIs(1));
  EXPECT_EQ(Member(trail.queued[0].json, "userAgent"), facts.user_agent);
  EXPECT_EQ(Member(trail.queued[0].json, "eventName"), "ListSigningJobs");
}

// A record that no reader takes, or no database, would be a call without a record.
TEST_F(Audit, IsReadableWhateverTheUserAgentIs) {
  CallFacts facts = FactsOf<signer::ops::ListSigningJobs>();
  facts.user_agent = "aws\xff\xfe/2";
  ASSERT_TRUE(auditor.RecordOutcome(facts, nullptr, nullptr, nullptr));
  ASSERT_THAT(trail.queued, SizeIs(1));
  EXPECT_EQ(Member(trail.queued[0].json, "userAgent"), "aws\xef\xbf\xbd\xef\xbf\xbd/2");
}

}  // namespace
}  // namespace firmsign::gateway
