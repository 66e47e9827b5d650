// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/protocol/testing/parse.h"
#include "aws/protocol/testing/sample.h"

namespace firmsign::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr std::string_view kUuid = "0f1e2d3c-4b5a-4678-9abc-def012345678";
constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

constexpr OperationDescriptor kPut{.service = &sample::kRestXmlService,
                                   .name = "Put",
                                   .method = "PUT",
                                   .uri = "/{Bucket}/{Key+}",
                                   .input = &sample::kBound,
                                   .output = &sample::kFacts};
constexpr OperationDescriptor kPutRaw{.service = &sample::kRestXmlService,
                                      .name = "PutRaw",
                                      .method = "PUT",
                                      .uri = "/{Bucket}?policy",
                                      .input = &sample::kRaw,
                                      .output = &sample::kRaw};
constexpr auto kRestXmlEcho = sample::Echo(sample::kRestXmlService);

TEST(RestXml, ReadsPathAndPayload) {
  sample::Bound input;
  const auto parsed = Parse(kPut,
                            R"(<?xml version="1.0"?><Everything xmlns="https://sample.example.com/doc/2026-01-01/">
      <name> n </name><flag>true</flag><count> -7 </count><ratio>0.5</ratio><bytes>AAEC</bytes>
      <at>2023-11-14T22:13:20.000Z</at><inner><version>v</version></inner>
      <words><member>a</member><member>b</member></words>
      <tags><Tag><Key>k</Key><Value></Value></Tag><Tag><Key>l</Key></Tag></tags>
      <flat><Key>f</Key></flat><unknown/><flat><Key>g</Key></flat>
      <labels><entry><key>x</key><value>1</value></entry></labels></Everything>)",
                            input, "/bucket/a/b%20c");
  EXPECT_FALSE(parsed.malformed) << *parsed.malformed;
  EXPECT_TRUE(parsed.violations.empty());
  EXPECT_EQ(input.bucket, "bucket");
  EXPECT_EQ(input.key, "a/b c");
  const auto& document = *input.document;
  EXPECT_EQ(document.name, " n ");
  EXPECT_EQ(document.flag, true);
  EXPECT_EQ(document.count, -7);
  EXPECT_EQ(document.ratio, 0.5);
  EXPECT_EQ(document.bytes, std::string("\0\1\2", 3));
  EXPECT_EQ(document.at->micros, 1700000000000000);
  EXPECT_EQ(document.inner->version, "v");
  EXPECT_THAT(*document.words, ElementsAre("a", "b"));
  ASSERT_EQ(document.tags->size(), 2U);
  EXPECT_EQ((*document.tags)[0].value, "");
  EXPECT_FALSE((*document.tags)[1].value);
  ASSERT_EQ(document.flat->size(), 2U);
  EXPECT_EQ((*document.flat)[1].key, "g");
  EXPECT_THAT(*document.labels, ElementsAre(Pair("x", "1")));
}

TEST(RestXml, KeepsEverySlashAndDotOfAKey) {
  for (const auto& [target, key] :
       std::vector<std::pair<std::string, std::string>>{{"/b/k", "k"},
                                                        {"/b/k/", "k/"},
                                                        {"/b//k", "/k"},
                                                        {"/b/a//b/../c", "a//b/../c"},
                                                        {"/b/%2F", "/"},
                                                        {"/b/a+b", "a+b"},
                                                        {"/b/%00%FF", std::string("\0\xFF", 2)}}) {
    sample::Bound input;
    EXPECT_FALSE(Parse(kPut, "", input, target).malformed) << target;
    EXPECT_EQ(input.key, key) << target;
  }
  sample::Bound input;
  Parse(kPut, "", input, "/bucket");
  EXPECT_FALSE(input.key);
  EXPECT_EQ(input.bucket, "bucket");
}

TEST(RestXml, NamesRequiredMembersThatAreAbsent) {
  sample::Bound input;
  const auto parsed = Parse(kPut, "<Everything><inner/><tags><Tag/></tags></Everything>", input, "/bucket/k");
  ASSERT_EQ(parsed.violations.size(), 3U);
  EXPECT_EQ(parsed.violations[0].path, "document.name");
  EXPECT_EQ(parsed.violations[1].path, "document.inner.version");
  EXPECT_EQ(parsed.violations[2].path, "document.tags.1.member.key");
}

TEST(RestXml, RefusesXmlThatIsBrokenOrOfAnotherKind) {
  for (const char* body :
       {"x", "<Everything>", "<Other><name>n</name></Other>", "<Everything><name><x/></name></Everything>",
        "<Everything><name>n</name><flag>maybe</flag></Everything>",
        "<Everything><name>n</name><count>1.5</count></Everything>",
        "<Everything><name>n</name><at>soon</at></Everything>",
        "<Everything><name>n</name><labels><entry><key>k</key></entry></labels></Everything>",
        "<!DOCTYPE a><Everything><name>n</name></Everything>"}) {
    sample::Bound input;
    EXPECT_TRUE(Parse(kPut, body, input, "/bucket/k").malformed) << body;
  }
}

TEST(RestXml, TakesATextPayloadAsItIs) {
  sample::Raw input;
  EXPECT_FALSE(Parse(kPutRaw, "{\"Version\":\"2012\"}", input, "/bucket?policy").malformed);
  EXPECT_EQ(input.text, "{\"Version\":\"2012\"}");
  const auto response = CodecFor(Protocol::kRestXml).Write(kPutRaw, &input, kUuid);
  EXPECT_EQ(BodyOf(response), "{\"Version\":\"2012\"}");
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
  sample::Raw none;
  const auto parsed = Parse(kPutRaw, "", none, "/bucket?policy");
  ASSERT_EQ(parsed.violations.size(), 1U);
  EXPECT_EQ(parsed.violations[0].path, "text");
}

TEST(RestXml, WritesOneLineWithMilliseconds) {
  const sample::Everything value{.name = "a&b",
                                 .at = Instant{1700000000123456},
                                 .words = std::vector<std::string>{},
                                 .tags = {{{.key = "k", .value = "v"}}},
                                 .flat = {{{.key = "f"}, {.key = "g"}}}};
  const auto response = CodecFor(Protocol::kRestXml).Write(kRestXmlEcho, &value, kUuid);
  EXPECT_EQ(response.headers.Get("content-type"), "application/xml");
  EXPECT_EQ(response.headers.Get("x-amz-request-id"), "0F1E2D3C4B5A4678");
  EXPECT_FALSE(response.headers.Get("x-amz-id-2").empty());
  EXPECT_EQ(BodyOf(response),
            std::string(kDeclaration) +
                "<EchoResult xmlns=\"https://sample.example.com/doc/2026-01-01/\"><name>a&amp;b</name>"
                "<at>2023-11-14T22:13:20.123Z</at><words/><tags><Tag><Key>k</Key><Value>v</Value></Tag>"
                "</tags><flat><Key>f</Key></flat><flat><Key>g</Key></flat></EchoResult>");
}

TEST(RestXml, AnswersInHeadersAloneWithoutABody) {
  const sample::Facts facts{.length = 7, .etag = "\"e\"", .metadata = {{{"who", "me"}}}};
  const auto response = CodecFor(Protocol::kRestXml).Write(kPut, &facts, kUuid);
  EXPECT_EQ(BodyOf(response), "");
  EXPECT_FALSE(response.headers.Find("content-type"));
  EXPECT_EQ(response.content_length, 7U);
  EXPECT_EQ(response.headers.Get("x-amz-meta-who"), "me");
}

TEST(RestXml, MakesTheOnlyMemberOfALocationTheRoot) {
  const OperationDescriptor operation{.service = &sample::kRestXmlService,
                                      .name = "GetLocation",
                                      .uri = "/{Bucket}?location",
                                      .input = &sample::kNothing,
                                      .output = &sample::kLocation,
                                      .output_root = "LocationConstraint"};
  const std::string begin =
      std::string(kDeclaration) + "<LocationConstraint xmlns=\"https://sample.example.com/doc/2026-01-01/\"";
  const auto& codec = CodecFor(Protocol::kRestXml);
  sample::Location location{.constraint = "eu-west-1"};
  EXPECT_EQ(BodyOf(codec.Write(operation, &location, kUuid)), begin + ">eu-west-1</LocationConstraint>");
  location.constraint.reset();
  EXPECT_EQ(BodyOf(codec.Write(operation, &location, kUuid)), begin + "/>");
}

TEST(RestXml, WritesErrorsAsS3) {
  const ApiError error{.shape = &sample::kNotFound,
                       .message = "No",
                       .extras = {{"Key", "a<b"}},
                       .headers = {{"x-amz-bucket-region", "eu-west-1"}}};
  const auto& codec = CodecFor(Protocol::kRestXml);
  const auto response = codec.WriteError(sample::kRestXmlService, error, kUuid, false);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.Get("x-amz-bucket-region"), "eu-west-1");
  const std::string host_id(response.headers.Get("x-amz-id-2"));
  EXPECT_EQ(BodyOf(response), std::string(kDeclaration) +
                                  "<Error><Code>NotFound</Code><Message>No</Message><Key>a&lt;b</Key><RequestId>"
                                  "0F1E2D3C4B5A4678</RequestId><HostId>" +
                                  host_id + "</HostId></Error>");
  const auto head = codec.WriteError(sample::kRestXmlService, error, kUuid, true);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(BodyOf(head), "");
  EXPECT_EQ(head.headers.Get("x-amz-request-id"), "0F1E2D3C4B5A4678");
}

}  // namespace
}  // namespace firmsign::aws
