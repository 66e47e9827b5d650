// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/protocol/testing/parse.h"
#include "aws/protocol/testing/sample.h"

namespace firmsign::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr auto kQueryEcho = sample::Echo(sample::kQueryService);

constexpr std::string_view kForm =
    "Action=Echo&Version=2026-01-01&name=a+b%26&flag=true&count=-7&ratio=0.5&bytes=AAEC&secret=c2VjcmV0"
    "&at=2023-11-14T22%3A13%3A20Z&inner.version=v&inner.size=9&words.member.2=b&words.member.10=c&words.member.1=a"
    "&tags.Tag.1.Key=k&tags.Tag.1.Value=v&tags.Tag.2.Key=l&flat.1.Key=f&labels.entry.1.key=x&labels.entry.1.value=1";

void ExpectForm(const sample::Everything& input) {
  EXPECT_EQ(input.name, "a b&");
  EXPECT_EQ(input.flag, true);
  EXPECT_EQ(input.count, -7);
  EXPECT_EQ(input.ratio, 0.5);
  EXPECT_EQ(input.bytes, std::string("\0\1\2", 3));
  EXPECT_EQ(input.secret->Reveal(SecretAccess("test")), "secret");
  EXPECT_EQ(input.at->micros, 1700000000000000);
  EXPECT_EQ(input.inner->version, "v");
  EXPECT_EQ(input.inner->size, 9);
  EXPECT_THAT(*input.words, ElementsAre("a", "b", "c"));
  ASSERT_EQ(input.tags->size(), 2U);
  EXPECT_EQ((*input.tags)[0].value, "v");
  ASSERT_EQ(input.flat->size(), 1U);
  EXPECT_EQ((*input.flat)[0].key, "f");
  EXPECT_THAT(*input.labels, ElementsAre(Pair("x", "1")));
}

TEST(Query, ReadsEveryKindFromTheForm) {
  sample::Everything input;
  const auto parsed = Parse(kQueryEcho, kForm, input);
  EXPECT_FALSE(parsed.malformed);
  EXPECT_TRUE(parsed.violations.empty());
  ExpectForm(input);
}

TEST(Query, ReadsTheUrlWhenThereIsNoBody) {
  sample::Everything input;
  EXPECT_FALSE(Parse(kQueryEcho, "", input, "/?" + std::string(kForm) + "&X-Amz-Signature=0").malformed);
  ExpectForm(input);
}

TEST(Query, TakesAnEmptyListAsPresent) {
  sample::Everything input;
  EXPECT_FALSE(Parse(kQueryEcho, "name=n&words=", input).malformed);
  ASSERT_TRUE(input.words);
  EXPECT_TRUE(input.words->empty());
  EXPECT_FALSE(input.tags);
}

TEST(Query, NamesRequiredMembersThatAreAbsent) {
  sample::Everything input;
  const auto parsed = Parse(kQueryEcho, "inner.size=1&tags.Tag.1.Value=v", input);
  ASSERT_EQ(parsed.violations.size(), 3U);
  EXPECT_EQ(parsed.violations[0].path, "name");
  EXPECT_EQ(parsed.violations[1].path, "inner.version");
  EXPECT_EQ(parsed.violations[2].path, "tags.1.member.key");
}

TEST(Query, RefusesFormsThatCannotBeRead) {
  for (const char* form : {"name=%zz", "%=n", "name=a&name=b", "name=n&flag=maybe", "name=n&count=x",
                           "name=n&count=", "name=n&at=soon", "name=n&bytes=*", "name=n&words.member.x=a",
                           "name=n&words.member.0=a", "name=n&words.member.01=a", "name=n&words.member.-1=a",
                           "name=n&words.member.=a", "name=n&words.member.1.x=a", "name=n&labels.entry.1.key=a",
                           "name=n&labels.entry.1.key=a&labels.entry.1.value=b&labels.entry.2.key=a"
                           "&labels.entry.2.value=c",
                           "name.x=n"}) {
    sample::Everything input;
    EXPECT_TRUE(Parse(kQueryEcho, form, input).malformed) << form;
  }
}

TEST(Query, WritesTheLayoutOfSts) {
  const sample::Everything value{.name = "a<b",
                                 .flag = false,
                                 .at = Instant{1700000000123000},
                                 .inner = {{.version = "v"}},
                                 .words = {{"a", "b"}},
                                 .tags = std::vector<sample::Tag>{},
                                 .labels = {{{"x", "1"}}}};
  const auto response = CodecFor(Protocol::kQuery).Write(kQueryEcho, &value, "id-1");
  EXPECT_EQ(response.headers.Get("content-type"), "text/xml");
  EXPECT_EQ(response.headers.Get("x-amzn-requestid"), "id-1");
  EXPECT_EQ(BodyOf(response), R"(<EchoResponse xmlns="https://sample.example.com/doc/2026-01-01/">
  <EchoResult>
    <name>a&lt;b</name>
    <flag>false</flag>
    <at>2023-11-14T22:13:20Z</at>
    <inner>
      <version>v</version>
    </inner>
    <words>
      <member>a</member>
      <member>b</member>
    </words>
    <tags/>
    <labels>
      <entry>
        <key>x</key>
        <value>1</value>
      </entry>
    </labels>
  </EchoResult>
  <ResponseMetadata>
    <RequestId>id-1</RequestId>
  </ResponseMetadata>
</EchoResponse>
)");
}

TEST(Query, ReproducesTheLengthOfTheNativeAnswer) {
  // The native GetCallerIdentity answer of a user has 406 bytes (contract 09-iam-sts §9.1); only its layout is known,
  // so this pins what the layout adds to the values.
  const sample::Nothing nothing;
  auto operation = kQueryEcho;
  operation.output = &sample::kNothing;
  operation.has_output_shape = false;
  EXPECT_EQ(BodyOf(CodecFor(Protocol::kQuery).Write(operation, &nothing, "id")),
            "<EchoResponse xmlns=\"https://sample.example.com/doc/2026-01-01/\">\n  <ResponseMetadata>\n"
            "    <RequestId>id</RequestId>\n  </ResponseMetadata>\n</EchoResponse>\n");
}

TEST(Query, WritesErrorsWithTheSideAtFault) {
  const ApiError error{.shape = &sample::kNotFound, .message = "The role with name X cannot be found."};
  const auto& codec = CodecFor(Protocol::kQuery);
  const auto response = codec.WriteError(sample::kQueryService, error, "id", false);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(BodyOf(response), R"(<ErrorResponse xmlns="https://sample.example.com/doc/2026-01-01/">
  <Error>
    <Type>Sender</Type>
    <Code>NotFound</Code>
    <Message>The role with name X cannot be found.</Message>
  </Error>
  <RequestId>id</RequestId>
</ErrorResponse>
)");
  const ApiError fault{.shape = &CommonErrorShape(sample::kQueryService, CommonError::kInternal), .message = "m"};
  EXPECT_THAT(BodyOf(codec.WriteError(sample::kQueryService, fault, "id", false)),
              ::testing::HasSubstr("<Type>Receiver</Type>\n    <Code>InternalFailure</Code>"));
}

}  // namespace
}  // namespace firmsign::aws
