// SPDX-License-Identifier: Apache-2.0
//
// restJson1 and awsJson1_1: what their JSON bodies share, and where the two differ.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/protocol/testing/parse.h"
#include "aws/protocol/testing/sample.h"

namespace firmsign::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr auto kRestJsonEcho = sample::Echo(sample::kRestJsonService);
constexpr auto kEcho11 = sample::Echo(sample::kJson11Service);
constexpr OperationDescriptor kBind{.service = &sample::kRestJsonService,
                                    .name = "Bind",
                                    .method = "PUT",
                                    .uri = "/things/{Bucket}/of/{Key+}/end?versions",
                                    .input = &sample::kBound,
                                    .output = &sample::kFacts};

constexpr std::string_view kFull =
    R"({"name":"n\u00e9","flag":true,"count":-7,"ratio":0.5,"bytes":"AAEC","secret":"c2VjcmV0","at":1700000000.123,)"
    R"("inner":{"version":"v","size":9},"words":["a","b"],"tags":[{"Key":"k","Value":"v"},{"Key":"l"}],)"
    R"("flat":[{"Key":"f"}],"labels":{"x":"1","y":"2"}})";

TEST(JsonBodies, ReadEveryKind) {
  for (const auto* operation : {&kRestJsonEcho, &kEcho11}) {
    sample::Everything input;
    const auto parsed = Parse(*operation, kFull, input);
    EXPECT_FALSE(parsed.malformed);
    EXPECT_TRUE(parsed.violations.empty());
    EXPECT_EQ(input.name, "né");
    EXPECT_EQ(input.flag, true);
    EXPECT_EQ(input.count, -7);
    EXPECT_EQ(input.ratio, 0.5);
    EXPECT_EQ(input.bytes, std::string("\0\1\2", 3));
    EXPECT_EQ(input.secret->Reveal(SecretAccess("test")), "secret");
    EXPECT_EQ(input.at->micros, 1700000000123000);
    EXPECT_EQ(input.inner->version, "v");
    EXPECT_EQ(input.inner->size, 9);
    EXPECT_THAT(*input.words, ElementsAre("a", "b"));
    ASSERT_EQ(input.tags->size(), 2U);
    EXPECT_EQ((*input.tags)[0].value, "v");
    EXPECT_FALSE((*input.tags)[1].value);
    EXPECT_THAT(*input.labels, ElementsAre(Pair("x", "1"), Pair("y", "2")));
  }
}

TEST(JsonBodies, WriteWhatTheyRead) {
  sample::Everything value;
  Parse(kRestJsonEcho, kFull, value);
  for (const auto* operation : {&kRestJsonEcho, &kEcho11}) {
    const auto response = CodecFor(operation->service->protocol).Write(*operation, &value, "id-1");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.Get("x-amzn-requestid"), "id-1");
    std::string expected(kFull);
    expected.replace(expected.find("\\u00e9"), 6, "é");
    EXPECT_EQ(BodyOf(response), expected);
  }
}

TEST(JsonBodies, LeaveOutWhatIsAbsentAndKeepWhatIsEmpty) {
  sample::Everything value{.name = "n"};
  EXPECT_EQ(BodyOf(CodecFor(Protocol::kRestJson).Write(kRestJsonEcho, &value, "id")), R"({"name":"n"})");
  value.labels.emplace();
  value.words.emplace();
  value.inner.emplace();
  EXPECT_EQ(BodyOf(CodecFor(Protocol::kRestJson).Write(kRestJsonEcho, &value, "id")),
            R"({"name":"n","inner":{"version":""},"words":[],"labels":{}})");
}

TEST(JsonBodies, AcceptTimesInEverySpelling) {
  for (const auto& [text, micros] :
       std::vector<std::pair<std::string, std::int64_t>>{{"1700000000", 1700000000000000},
                                                         {"1.7E9", 1700000000000000},
                                                         {"1700000000.5", 1700000000500000},
                                                         {"129520000000.124", 129520000000124000},
                                                         {"0.0000001", 0},
                                                         {R"("2023-11-14T22:13:20Z")", 1700000000000000},
                                                         {R"("2023-11-14T22:13:20.250Z")", 1700000000250000},
                                                         {R"("1700000000")", 1700000000000000},
                                                         {R"("Tue, 14 Nov 2023 22:13:20 GMT")", 1700000000000000}}) {
    sample::Everything input;
    EXPECT_FALSE(Parse(kRestJsonEcho, R"({"name":"n","at":)" + text + "}", input).malformed) << text;
    EXPECT_EQ(input.at->micros, micros) << text;
  }
}

TEST(JsonBodies, TakeNullAsAbsentAndIgnoreTheUnknown) {
  sample::Everything input;
  const auto parsed = Parse(
      kRestJsonEcho, R"({"name":"n","flag":null,"words":["a",null,"b"],"labels":{"x":null},"other":[{}]})", input);
  EXPECT_FALSE(parsed.malformed);
  EXPECT_FALSE(input.flag);
  EXPECT_THAT(*input.words, ElementsAre("a", "b"));
  EXPECT_TRUE(input.labels->empty());
}

TEST(JsonBodies, NameRequiredMembersThatAreAbsent) {
  for (const std::string_view body : {"", "{}", R"({"name":null})"}) {
    sample::Everything input;
    const auto parsed = Parse(kRestJsonEcho, body, input);
    EXPECT_FALSE(parsed.malformed);
    EXPECT_EQ(
        FormatViolations(parsed.violations),
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null");
  }
  sample::Everything input;
  const auto parsed = Parse(kRestJsonEcho, R"({"name":"n","inner":{},"tags":[{"Key":"a"},{}]})", input);
  ASSERT_EQ(parsed.violations.size(), 2U);
  EXPECT_EQ(parsed.violations[0].path, "inner.version");
  EXPECT_EQ(parsed.violations[1].path, "tags.2.member.key");
}

TEST(JsonBodies, RefuseWhatIsNotJsonOrOfAnotherType) {
  for (const char* body : {"{",
                           "[]",
                           "1",
                           "\"x\"",
                           "null",
                           "{} {}",
                           R"({"name":1})",
                           R"({"name":{}})",
                           R"({"name":"n","flag":"true"})",
                           R"({"name":"n","flag":1})",
                           R"({"name":"n","count":"1"})",
                           R"({"name":"n","count":1.5})",
                           R"({"name":"n","count":1e300})",
                           R"({"name":"n","ratio":"1"})",
                           R"({"name":"n","bytes":"*"})",
                           R"({"name":"n","bytes":1})",
                           R"({"name":"n","at":"soon"})",
                           R"({"name":"n","at":-1})",
                           R"({"name":"n","at":true})",
                           R"({"name":"n","inner":[]})",
                           R"({"name":"n","words":{}})",
                           R"({"name":"n","words":[1]})",
                           R"({"name":"n","tags":["a"]})",
                           R"({"name":"n","labels":[]})",
                           R"({"name":"n","labels":{"a":1}})"}) {
    sample::Everything input;
    EXPECT_TRUE(Parse(kRestJsonEcho, body, input).malformed) << body;
  }
  sample::Everything input;
  EXPECT_EQ(Parse(kRestJsonEcho, R"({"name":"n","inner":{"version":"v","size":"x"}})", input).malformed,
            "STRING_VALUE can not be converted to an Integer at 'inner.size'");
}

http::Headers BoundHeaders() {
  http::Headers headers;
  headers.Add("content-type", "text/plain");
  headers.Add("If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT");
  headers.Add("X-Amz-Attributes", "a, b");
  headers.Add("x-amz-attributes", "c");
  headers.Add("X-Amz-Meta-Who", "me");
  headers.Add("x-amz-meta-WHY", "so");
  return headers;
}

TEST(RestBinding, FillsEveryPlace) {
  sample::Bound input;
  const auto parsed = Parse(kBind, R"({"name":"n"})", input,
                            "/things/a%2Fb/of/x/y%20z//end?versions&max-keys=5&statuses=B&statuses=A%26&"
                            "before=2023-11-14T22%3A13%3A20Z&x-id=Bind",
                            BoundHeaders());
  EXPECT_FALSE(parsed.malformed) << *parsed.malformed;
  EXPECT_TRUE(parsed.violations.empty());
  EXPECT_EQ(input.bucket, "a/b");
  EXPECT_EQ(input.key, "x/y z/");
  EXPECT_EQ(input.limit, 5);
  EXPECT_THAT(*input.statuses, ElementsAre("B", "A&"));
  EXPECT_EQ(input.before->micros, 1700000000000000);
  EXPECT_EQ(input.type, "text/plain");
  EXPECT_EQ(input.since->micros, 1700000000000000);
  EXPECT_THAT(*input.attributes, ElementsAre("a", "b", "c"));
  EXPECT_THAT(*input.metadata, ElementsAre(Pair("who", "me"), Pair("why", "so")));
  EXPECT_EQ(input.document->name, "n");
}

TEST(RestBinding, LeavesAbsentPlacesAbsent) {
  sample::Bound input;
  const auto parsed = Parse(kBind, "", input, "/things/b/of/k/end");
  EXPECT_TRUE(parsed.violations.empty());
  EXPECT_FALSE(input.limit || input.statuses || input.before || input.type || input.since || input.attributes ||
               input.metadata || input.document);
  EXPECT_EQ(input.key, "k");
}

TEST(RestBinding, ReportsTextThatIsNoNumberOrTimeAndIgnoresBrokenConditions) {
  http::Headers headers;
  headers.Add("If-Modified-Since", "whenever");
  sample::Bound input;
  const auto parsed = Parse(kBind, "", input, "/things/b/of/k/end?max-keys=many&before=later", headers);
  EXPECT_FALSE(parsed.malformed);
  ASSERT_EQ(parsed.violations.size(), 2U);
  EXPECT_EQ(
      FormatViolations({parsed.violations[0]}),
      "1 validation error detected: Value 'many' at 'limit' failed to satisfy constraint: Member must be an integer");
  EXPECT_EQ(parsed.violations[1].path, "before");
  EXPECT_FALSE(input.since);
}

TEST(RestBinding, RefusesPathsThatDoNotFitAndBrokenEscapes) {
  for (const char* target : {"/other/b/of/k/end", "/things/b/in/k/end", "/things/%zz/of/k/end",
                             "/things/b/of/k/end?max-keys=%", "/things/b/of/k/end?%4=1"}) {
    sample::Bound input;
    EXPECT_TRUE(Parse(kBind, "", input, target).malformed) << target;
  }
}

TEST(RestBinding, WritesHeaders) {
  const sample::Facts facts{.length = 12,
                            .modified = Instant{1700000000000000},
                            .etag = "\"e\"",
                            .attributes = {{"a", "b"}},
                            .metadata = {{{"who", "me"}}}};
  const auto response = CodecFor(Protocol::kRestJson).Write(kBind, &facts, "id");
  EXPECT_EQ(response.content_length, 12U);
  EXPECT_FALSE(response.headers.Find("content-length"));
  EXPECT_EQ(response.headers.Get("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(response.headers.Get("etag"), "\"e\"");
  EXPECT_EQ(response.headers.Get("x-amz-attributes"), "a,b");
  EXPECT_EQ(response.headers.Get("x-amz-meta-who"), "me");
}

TEST(RestJson, AnswersOperationsWithoutOutputByAnEmptyBody) {
  auto operation = kRestJsonEcho;
  operation.output = &sample::kNothing;
  const sample::Nothing nothing;
  EXPECT_EQ(BodyOf(CodecFor(Protocol::kRestJson).Write(operation, &nothing, "id")), "{}");
  operation.has_output_shape = false;
  EXPECT_EQ(BodyOf(CodecFor(Protocol::kRestJson).Write(operation, &nothing, "id")), "");
}

TEST(RestJson, SaysTheNameOfAnErrorInTheHeaderAndTheSubCodeInTheBody) {
  ApiError error{.shape = &sample::kNotFound, .message = "No \"such\" thing", .headers = {{"Retry-After", "1"}}};
  const auto& codec = CodecFor(Protocol::kRestJson);
  auto response = codec.WriteError(sample::kRestJsonService, error, "id", false);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.Get("x-amzn-errortype"), "NotFound");
  EXPECT_EQ(response.headers.Get("x-amzn-requestid"), "id");
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
  EXPECT_EQ(response.headers.Get("retry-after"), "1");
  EXPECT_EQ(BodyOf(response), R"({"message":"No \"such\" thing"})");
  error.sub_code = "ProfileNotFound";
  response = codec.WriteError(sample::kRestJsonService, error, "id", false);
  EXPECT_EQ(BodyOf(response), R"({"code":"ProfileNotFound","message":"No \"such\" thing"})");
  EXPECT_EQ(BodyOf(codec.WriteError(sample::kRestJsonService, error, "id", true)), "");
}

TEST(Json11, SaysTheNameOfAnErrorInTheBody) {
  const ApiError error{.shape = &sample::kNotFound, .message = "m"};
  const auto response = CodecFor(Protocol::kJson11).WriteError(sample::kJson11Service, error, "id", false);
  EXPECT_EQ(response.headers.Get("content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(BodyOf(response), R"({"__type":"NotFound","message":"m"})");
  const ApiError denied{.shape = &CommonErrorShape(sample::kJson11Service, CommonError::kAccessDenied), .message = "m"};
  const auto refused = CodecFor(Protocol::kJson11).WriteError(sample::kJson11Service, denied, "id", false);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(BodyOf(refused), R"({"__type":"AccessDeniedException","Message":"m"})");
}

TEST(CommonErrorShape, IsSpelledByTheProtocolFamily) {
  const auto say = [](const ServiceDescriptor& service, CommonError which) {
    const auto& shape = CommonErrorShape(service, which);
    return std::string(shape.wire_code) + " " + std::to_string(shape.http_status);
  };
  using enum CommonError;
  EXPECT_EQ(say(sample::kRestJsonService, kUnknownAccessKey), "UnrecognizedClientException 403");
  EXPECT_EQ(say(sample::kQueryService, kUnknownAccessKey), "InvalidClientTokenId 403");
  EXPECT_EQ(say(sample::kRestXmlService, kUnknownAccessKey), "InvalidAccessKeyId 403");
  EXPECT_EQ(say(sample::kRestJsonService, kAccessDenied), "AccessDeniedException 403");
  EXPECT_EQ(say(sample::kJson11Service, kAccessDenied), "AccessDeniedException 400");
  EXPECT_EQ(say(sample::kRestJsonService, kThrottled), "TooManyRequestsException 429");
  EXPECT_EQ(say(sample::kRestXmlService, kThrottled), "SlowDown 503");
  EXPECT_EQ(say(sample::kRestXmlService, kUnknownOperation), "MethodNotAllowed 405");
  EXPECT_EQ(say(sample::kQueryService, kUnknownOperation), "InvalidAction 400");
  EXPECT_EQ(say(sample::kRestJsonService, kInternal), "InternalFailure 500");
  EXPECT_EQ(say({.name = "signer", .protocol = Protocol::kRestJson}, kInternal), "InternalServiceErrorException 500");
  EXPECT_EQ(say(sample::kRestXmlService, kInternal), "InternalError 500");
}

TEST(WriteStructAsJson, HidesSecretsAndShowsBlobsAsLengths) {
  sample::Everything value;
  Parse(kRestJsonEcho, kFull, value);
  std::string redacted;
  WriteStructAsJson(sample::kEverything, &value, true, redacted);
  EXPECT_EQ(redacted,
            R"({"name":"né","flag":true,"count":-7,"ratio":0.5,"bytes":3,"secret":"HIDDEN_DUE_TO_SECURITY_REASONS",)"
            R"("at":"2023-11-14T22:13:20Z","inner":{"version":"v","size":9},"words":["a","b"],)"
            R"("tags":[{"Key":"k","Value":"v"},{"Key":"l"}],"flat":[{"Key":"f"}],"labels":{"x":"1","y":"2"}})");
  std::string plain;
  WriteStructAsJson(sample::kEverything, &value, false, plain);
  EXPECT_THAT(plain, HasSubstr(R"("bytes":"AAEC")"));
  EXPECT_THAT(plain, ::testing::Not(HasSubstr("c2VjcmV0")));
}

}  // namespace
}  // namespace firmsign::aws
