// SPDX-License-Identifier: Apache-2.0

#include "gateway/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "gateway/testing/known.h"
#include "gateway/testing/services.h"
#include "platform/crypto/digest.h"
#include "platform/db/sqlite.h"
#include "platform/http/testing/one_body.h"
#include "ports/testing/audit_trail.h"
#include "ports/testing/credentials.h"
#include "ports/testing/policies.h"

namespace firmsign::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A service whose handlers do what the test says, and count.
struct Scripted {
  int resolved = 0;
  int ran = 0;
  std::string received;
  std::function<aws::Result<signer::ops::CancelSigningProfile>(const Authorized<signer::ops::CancelSigningProfile>&)>
      cancel = [](const auto&) { return signer::CancelSigningProfileResponse{}; };
  AccountId job_owner = AccountId("111122223333");
  bool has_job = true;
};

aws::Result<signer::ops::CancelSigningProfile> Cancel(Scripted& service,
                                                      const Authorized<signer::ops::CancelSigningProfile>& call) {
  ++service.ran;
  service.received = call.input().profile_name;
  return service.cancel(call);
}

aws::Result<signer::ops::StartSigningJob> Start(Scripted& service, const Authorized<signer::ops::StartSigningJob>&) {
  ++service.ran;
  return signer::StartSigningJobResponse{.job_id = "j"};
}

std::expected<Resolution, aws::OperationError<signer::ops::DescribeSigningJob>> ResolveDescribe(
    Scripted& service, const CallFacts&, const signer::DescribeSigningJobRequest& input) {
  ++service.resolved;
  if (!service.has_job) return aws::Refuse<signer::errors::ResourceNotFoundException>("no such job", "JobNotFound");
  return Resolution{{.owner = service.job_owner, .arn = "arn:of:" + input.job_id}, 0};
}

aws::Result<signer::ops::DescribeSigningJob> Describe(Scripted& service,
                                                      const Authorized<signer::ops::DescribeSigningJob>& call) {
  ++service.ran;
  return signer::DescribeSigningJobResponse{.job_id = call.input().job_id};
}

aws::Result<s3::ops::PutObject> PutObject(Scripted& service, const Authorized<s3::ops::PutObject>& call) {
  ++service.ran;
  char buffer[64];
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t count, call.payload().Read(buffer));
    if (count == 0) return s3::ops::PutObject::Output{};
    service.received.append(buffer, count);
  }
}

aws::Result<s3::ops::HeadObject> HeadObject(Scripted&, const Authorized<s3::ops::HeadObject>& call) {
  s3::HeadObjectOutput output{.content_length = 3};
  if (call.input().range) output.content_range = "bytes 0-2/10";
  return output;
}

class Pipelines : public testing::Test {
 protected:
  Pipelines() {
    CHECK(db::Migrate(*database, std::array{ports::kFakeAuditMigration}).has_value());
    credentials.Add(
        kKey,
        {.principal = policy::RootOf(AccountId("111122223333"), kKey), .secret = SecretBytes("secret"), .expires = {}});
    Build({});
  }

  void Build(PipelineOptions options) {
    handlers = {On<signer::ops::CancelSigningProfile, &Cancel>::Make<Scripted>(),
                On<signer::ops::StartSigningJob, &Start>::Make<Scripted>(),
                On<signer::ops::DescribeSigningJob, &ResolveDescribe, &Describe>::Make<Scripted>(),
                NotYetBuilt<signer::ops::SignPayload>::Make<Scripted>()};
    s3_handlers = {On<s3::ops::PutObject, &PutObject>::Make<Scripted>(),
                   On<s3::ops::HeadObject, &HeadObject>::Make<Scripted>()};
    pipeline = std::make_unique<Pipeline>(
        PipelineParts{.services = {{.descriptor = &signer::kService, .service = &service, .handlers = handlers},
                                   {.descriptor = &s3::kService, .service = &service, .handlers = s3_handlers}},
                      .credentials = credentials,
                      .policies = policies,
                      .audit_trail = trail,
                      .clock = clock,
                      .random = random,
                      .metrics = metrics},
        std::move(options));
  }

  static http::RequestHead Head(const std::string& method, const std::string& target, const std::string& body = "") {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    head.headers.Add("Host", "localhost");
    head.peer.address = "192.0.2.7";
    if (!body.empty()) head.content_length = body.size();
    return head;
  }
  static http::RequestHead Signed(http::RequestHead head, const std::string& body = "",
                                  const std::string& service = "signer", const std::string& secret = "secret") {
    sigv4::SignRequest(head, {.access_key = kKey, .secret = SecretBytes(secret), .token = ""}, "us-east-1", service,
                       service == "s3" ? sigv4::PathRule::kS3 : sigv4::PathRule::kNormalizeAndEncodeTwice,
                       crypto::Sha256Hex(body), kNow);
    return head;
  }
  // What the HTTP server does.
  http::Response Send(http::RequestHead head, const std::string& body = "") {
    http::Decision decision = pipeline->OnHead(std::move(head));
    if (auto* refuse = std::get_if<http::Refuse>(&decision)) return std::move(refuse->response);
    if (auto* buffer = std::get_if<http::Buffer>(&decision)) {
      return body.size() > buffer->body_bytes_max ? buffer->too_large() : buffer->run(body);
    }
    http::testing::OneBody reader(body);
    return std::get<http::Stream>(decision).run(reader);
  }
  static std::string Body(const http::Response& response) { return std::get<std::string>(response.body); }
  static std::string ErrorType(const http::Response& response) {
    return std::string(response.headers.Get("x-amzn-ErrorType"));
  }
  http::Response CancelProfile() { return Send(Signed(Head("DELETE", "/signing-profiles/release"))); }

  FakeClock clock{kNow};
  FakeRandom random;
  telemetry::Metrics metrics;
  std::unique_ptr<db::SqliteDatabase> database = *db::OpenSqlite({.path = ":memory:"}, clock);
  ports::FakeCredentials credentials;
  ports::FakePolicies policies;
  ports::FakeAuditTrail trail;
  Scripted service;
  std::vector<Handler> handlers;
  std::vector<Handler> s3_handlers;
  std::unique_ptr<Pipeline> pipeline;
};

TEST_F(Pipelines, RunsASignedCallAndAnswersWithItsRequestId) {
  const auto response = Send(Signed(Head("GET", "/signing-jobs/j1")));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Body(response), R"({"jobId":"j1"})");
  EXPECT_THAT(std::string(response.headers.Get("x-amzn-RequestId")), SizeIs(36));
  EXPECT_EQ(service.ran, 1);
}

TEST_F(Pipelines, RefusesAnUnsignedCallBeforeItsBody) {
  auto decision = pipeline->OnHead(Head("POST", "/signing-jobs", "{}"));
  // The Host names no service, so ask for signer by its label.
  http::RequestHead head = Head("POST", "/signing-jobs", "{}");
  head.headers.Set("Host", "signer.localhost");
  decision = pipeline->OnHead(std::move(head));
  const auto* refused = std::get_if<http::Refuse>(&decision);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->response.status, 403);
  EXPECT_EQ(ErrorType(refused->response), "MissingAuthenticationTokenException");
  EXPECT_EQ(service.ran, 0);
}

// Whoever sends a head and waits learns nothing: neither is refused before the body has come.
TEST_F(Pipelines, RefusesAnUnknownKeyAtTheSameStepAsAWrongSignature) {
  const std::string body = R"({"source":{},"destination":{}})";
  for (const auto& [key, error] : {std::pair(AccessKeyId("AKIANOBODYHASTHISKEY"), "UnrecognizedClientException"),
                                   std::pair(kKey, "InvalidSignatureException")}) {
    http::RequestHead head = Head("POST", "/signing-jobs", body);
    sigv4::SignRequest(head, {.access_key = key, .secret = SecretBytes("guess"), .token = ""}, "us-east-1", "signer",
                       sigv4::PathRule::kNormalizeAndEncodeTwice, crypto::Sha256Hex(body), kNow);
    auto decision = pipeline->OnHead(std::move(head));
    const auto* buffer = std::get_if<http::Buffer>(&decision);
    ASSERT_NE(buffer, nullptr) << key.str();
    const http::Response response = buffer->run(body);
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(ErrorType(response), error);
  }
  EXPECT_EQ(service.resolved + service.ran, 0);
}

TEST_F(Pipelines, RefusesAWrongSignatureWithoutRunningAnything) {
  const auto response = Send(Signed(Head("GET", "/signing-jobs/j1"), "", "signer", "guess"));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(ErrorType(response), "InvalidSignatureException");
  EXPECT_EQ(service.resolved + service.ran, 0);
  EXPECT_THAT(trail.queued, IsEmpty()) << "who did not prove who they are is no account's business";
}

TEST_F(Pipelines, RefusesABodyThatIsNotTheOneThatWasSigned) {
  const std::string body = R"({"source":{},"destination":{}})";
  EXPECT_EQ(Send(Signed(Head("POST", "/signing-jobs", body), body), body).status, 200);
  std::string changed = body;
  changed[2] = 'S';
  const auto response = Send(Signed(Head("POST", "/signing-jobs", body), body), changed);
  EXPECT_EQ(ErrorType(response), "InvalidSignatureException");
  EXPECT_EQ(service.ran, 1);
}

TEST_F(Pipelines, RefusesABodyThatDiffersFromItsDeclaredHash) {
  const std::string body = R"({"source":{},"destination":{}})";
  http::RequestHead head = Head("POST", "/signing-jobs", body);
  head.headers.Add("x-amz-content-sha256", crypto::Sha256Hex(body));
  head = Signed(std::move(head), body);
  EXPECT_EQ(Send(head, body).status, 200);
  EXPECT_EQ(Send(head, R"({"source":{},"destination":[]})").status, 403);
  EXPECT_EQ(service.ran, 1);
}

TEST_F(Pipelines, TakesAnUnsignedPayloadForS3Only) {
  const std::string body = R"({"source":{},"destination":{}})";
  http::RequestHead head = Head("POST", "/signing-jobs", body);
  head.headers.Add("x-amz-content-sha256", std::string(sigv4::kUnsignedPayload));
  sigv4::SignRequest(head, {.access_key = kKey, .secret = SecretBytes("secret"), .token = ""}, "us-east-1", "signer",
                     sigv4::PathRule::kNormalizeAndEncodeTwice, std::string(sigv4::kUnsignedPayload), kNow);
  EXPECT_EQ(ErrorType(Send(std::move(head), body)), "InvalidSignatureException");
  EXPECT_EQ(service.ran, 0);
  head = Head("PUT", "/bucket/key", "x");
  sigv4::SignRequest(head, {.access_key = kKey, .secret = SecretBytes("secret"), .token = ""}, "us-east-1", "s3",
                     sigv4::PathRule::kS3, std::string(sigv4::kUnsignedPayload), kNow);
  EXPECT_EQ(Send(std::move(head), "x").status, 200);
}

TEST_F(Pipelines, DoesNotParseAThrottledCall) {
  PipelineOptions options;
  options.admit.limits = {{"signer", "StartSigningJob", 1}};
  Build(std::move(options));
  const std::string garbage = "{ not JSON";
  const auto send = [&] { return Send(Signed(Head("POST", "/signing-jobs", garbage), garbage), garbage); };
  EXPECT_EQ(ErrorType(send()), "SerializationException");
  const auto throttled = send();
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(ErrorType(throttled), "TooManyRequestsException");
  clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(ErrorType(send()), "SerializationException");
}

TEST_F(Pipelines, RefusesMoreThanItMayHaveInFlight) {
  PipelineOptions options;
  options.admit.in_flight_max = 0;
  Build(std::move(options));
  EXPECT_EQ(CancelProfile().status, 503);
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, GivesItsPlaceBackAfterEachCall) {
  PipelineOptions options;
  options.admit.in_flight_max = 1;
  Build(std::move(options));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(CancelProfile().status, 200);
}

TEST_F(Pipelines, KeepsNoPlaceWhileAResponseIsSent) {
  PipelineOptions options;
  options.admit.in_flight_max = 1;
  Build(std::move(options));
  http::Decision first = pipeline->OnHead(Signed(Head("DELETE", "/signing-profiles/release")));
  EXPECT_EQ(std::get<http::Buffer>(first).run("").status, 200);
  // The connection still holds the first decision: its client may be slow to read.
  EXPECT_EQ(CancelProfile().status, 200);
}

TEST_F(Pipelines, NamesEveryViolationOfTheInput) {
  const std::string body = R"({"source":{},"destination":{},"profileName":"x"})";
  const auto response = Send(Signed(Head("POST", "/signing-jobs", body), body), body);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(ErrorType(response), "ValidationException");
  EXPECT_THAT(Body(response), HasSubstr("profileName"));
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, NeverRunsTheHandlerOfAnUnauthorisedCall) {
  service.job_owner = AccountId("444455556666");
  const auto response = Send(Signed(Head("GET", "/signing-jobs/j1")));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(ErrorType(response), "AccessDeniedException");
  EXPECT_THAT(Body(response), HasSubstr("signer:DescribeSigningJob on resource: arn:of:j1"));
  EXPECT_EQ(service.resolved, 1);
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, TellsTheAuthorisedThatSomethingDoesNotExist) {
  service.has_job = false;
  const auto response = Send(Signed(Head("GET", "/signing-jobs/j1")));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(ErrorType(response), "ResourceNotFoundException");
  EXPECT_THAT(Body(response), AllOf(HasSubstr("no such job"), HasSubstr("JobNotFound")));
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, WritesTheRecordOfAChangeOnceInItsTransaction) {
  service.cancel = [&](const auto& call) -> aws::Result<signer::ops::CancelSigningProfile> {
    const signer::CancelSigningProfileResponse output;
    const auto done = database->InTransaction([&](db::Transaction& t) { return call.Record(t, output); });
    if (!done) return std::unexpected(done.error());
    return output;
  };
  EXPECT_EQ(CancelProfile().status, 200);
  EXPECT_THAT(ports::FakeAuditTrail::AllWritten(*database), SizeIs(1));
  EXPECT_THAT(trail.alone, IsEmpty());
  EXPECT_THAT(trail.queued, IsEmpty());
}

TEST_F(Pipelines, WritesTheRecordOfAWriteThatChangedNothingItself) {
  EXPECT_EQ(CancelProfile().status, 200);
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_EQ(trail.alone[0].event_name, "CancelSigningProfile");
  EXPECT_THAT(trail.alone[0].json, HasSubstr("192.0.2.7"));
}

TEST_F(Pipelines, WritesARecordForARefusalAfterARecordWasRolledBack) {
  service.cancel = [&](const auto& call) -> aws::Result<signer::ops::CancelSigningProfile> {
    const signer::CancelSigningProfileResponse output;
    const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
      RETURN_IF_ERROR(call.Record(t, output));
      return Fail(Code::kUnavailable, "the disk went away");
    });
    return std::unexpected(done.error());
  };
  EXPECT_EQ(CancelProfile().status, 503);
  EXPECT_THAT(ports::FakeAuditTrail::AllWritten(*database), IsEmpty());
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_THAT(trail.alone[0].json, HasSubstr("errorCode"));
}

TEST_F(Pipelines, WritesTheRecordOfACallWhoseOwnRecordWasUndone) {
  service.cancel = [&](const auto& call) -> aws::Result<signer::ops::CancelSigningProfile> {
    const signer::CancelSigningProfileResponse output;
    bool is_first = true;
    for (int run = 0; run < 2; ++run) {
      // What a database does to a transaction that lost against another one; the second run finds nothing to change.
      const auto done = database->InTransaction([&](db::Transaction& t) -> Expected<void> {
        if (!std::exchange(is_first, false)) return {};
        RETURN_IF_ERROR(call.Record(t, output));
        return Fail(Code::kInternal, "to be run again");
      });
      EXPECT_TRUE(done.has_value() || run == 0);
    }
    return output;
  };
  EXPECT_EQ(CancelProfile().status, 200);
  EXPECT_THAT(ports::FakeAuditTrail::AllWritten(*database), IsEmpty());
  EXPECT_THAT(trail.alone, SizeIs(1));
}

TEST_F(Pipelines, AnswersNoSuccessWhoseRecordCannotBeWritten) {
  trail.write_error = Error{Code::kExhausted, "the disk at /var is full"};
  const auto response = CancelProfile();
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(Body(response), Not(HasSubstr("/var")));
}

TEST_F(Pipelines, AnswersReadsThoughRecordsCannotBeWritten) {
  trail.write_error = Error{Code::kExhausted, "the disk is full"};
  EXPECT_EQ(Send(Signed(Head("GET", "/signing-jobs/j1"))).status, 200);
}

TEST_F(Pipelines, SaysThatTheDiskIsFullAndNotWhere) {
  service.cancel = [](const auto&) -> aws::Result<signer::ops::CancelSigningProfile> {
    return std::unexpected(Error{Code::kExhausted, "cannot write /var/lib/firmsign.db: No space left on device"});
  };
  const auto response = CancelProfile();
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(Body(response), AllOf(HasSubstr("no room left"), Not(HasSubstr("/var"))));
}

TEST_F(Pipelines, LeaksNothingOfAnInternalError) {
  service.cancel = [](const auto&) -> aws::Result<signer::ops::CancelSigningProfile> {
    return std::unexpected(Error{Code::kInternal, "table signer_profiles at /var/lib is broken"});
  };
  const auto response = CancelProfile();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(ErrorType(response), "InternalServiceErrorException");
  EXPECT_THAT(Body(response), AllOf(Not(HasSubstr("signer_profiles")), Not(HasSubstr("/var"))));
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_THAT(trail.alone[0].json, Not(HasSubstr("/var")));
}

TEST_F(Pipelines, SaysWhatIsNotYetBuiltAndWhatDoesNotExist) {
  EXPECT_EQ(Send(Signed(Head(std::string(signer::ops::SignPayload::kDescriptor.method),
                             std::string(signer::ops::SignPayload::kDescriptor.uri))))
                .status,
            501);
  EXPECT_EQ(Send(Signed(Head("GET", "/nothing"))).status, 404);
}

TEST_F(Pipelines, RefusesABodyThatIsTooLarge) {
  const std::string body(std::size_t{2} << 20, ' ');
  EXPECT_EQ(Send(Signed(Head("POST", "/signing-jobs", body), body), body).status, 413);
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, StreamsAPayloadToItsHandler) {
  const std::string body(1000, 'x');
  EXPECT_EQ(Send(Signed(Head("PUT", "/bucket/key", body), body, "s3"), body).status, 200);
  EXPECT_EQ(service.received, body);
}

TEST_F(Pipelines, AnswersWithWhatWasWrongWithThePayload) {
  const std::string body(1000, 'x');
  const std::string changed(1000, 'y');
  const auto response = Send(Signed(Head("PUT", "/bucket/key", body), body, "s3"), changed);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(Body(response), HasSubstr("<Code>XAmzContentSHA256Mismatch</Code>"));
}

TEST_F(Pipelines, DeniesAnonymousCallersOfS3BeforeTheirPayload) {
  const auto response = Send(Head("PUT", "/bucket/key", "x"), "x");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(Body(response), HasSubstr("<Code>AccessDenied</Code>"));
  EXPECT_EQ(service.ran, 0);
}

TEST_F(Pipelines, DeniesAnonymousCallersOfS3BeforeABodyIsHeldForThem) {
  // A body that would be buffered: several thousand such connections must not fill the memory.
  const http::Decision decision = pipeline->OnHead(Head("POST", "/bucket?delete", "x"));
  ASSERT_TRUE(std::holds_alternative<http::Refuse>(decision));
  const auto& refused = std::get<http::Refuse>(decision).response;
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(Body(refused), HasSubstr("<Code>AccessDenied</Code>"));
}

TEST_F(Pipelines, AsksS3ClientsForTheHashOfTheirPayload) {
  http::RequestHead head = Signed(Head("PUT", "/bucket/key", "x"), "x", "s3");
  head.headers.Remove("x-amz-content-sha256");
  EXPECT_EQ(Send(std::move(head), "x").status, 400);
}

TEST_F(Pipelines, AnswersAPartAsAPart) {
  http::RequestHead head = Head("HEAD", "/bucket/key");
  EXPECT_EQ(Send(Signed(head, "", "s3")).status, 200);
  head.headers.Add("Range", "bytes=0-2");
  const auto response = Send(Signed(std::move(head), "", "s3"));
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.headers.Get("Content-Range"), "bytes 0-2/10");
}

TEST_F(Pipelines, AuditsTheOperatorAsOperator) {
  http::RequestHead head = Head("DELETE", "/signing-profiles/release");
  head.headers.Set("Host", "signer.localhost");
  head.headers.Add("X-Firmsign-Account", "111122223333");
  head.peer = {.address = "", .uid = 0U, .tls = false};
  EXPECT_EQ(Send(std::move(head)).status, 200);
  ASSERT_THAT(trail.alone, SizeIs(1));
  EXPECT_THAT(trail.alone[0].json, HasSubstr(R"("type":"operator")"));
}

}  // namespace
}  // namespace firmsign::gateway
