// SPDX-License-Identifier: Apache-2.0

#include "platform/http/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "platform/http/testing/feed.h"

namespace firmsign::http {
namespace {

using Outcome = RequestParser::Outcome;

Outcome HeadOutcome(std::string_view bytes, HeadLimits limits = {}) {
  RequestParser parser(limits);
  return parser.ParseHead(bytes).outcome;
}

ParsedHead ParseOrDie(std::string_view bytes) {
  RequestParser parser({});
  RequestParser::Step step = parser.ParseHead(bytes);
  EXPECT_EQ(step.outcome, Outcome::kComplete) << bytes;
  return parser.head();
}

// A request with these header lines behind its Host.
std::string With(std::string_view lines) { return "POST /x HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n"; }

TEST(RequestParser, ReadsMethodTargetAndHeadersInOrder) {
  ParsedHead parsed =
      ParseOrDie("PUT /a/b?c=d%20e&f HTTP/1.1\r\nHost: h:80\r\nX-A:  1 \t\r\nx-a:\r\nX-B: \xc3\xbc\r\n\r\n");
  EXPECT_EQ(parsed.head.method, "PUT");
  EXPECT_EQ(parsed.head.target, "/a/b?c=d%20e&f");
  EXPECT_EQ(parsed.head.path(), "/a/b");
  EXPECT_EQ(parsed.head.query(), "c=d%20e&f");
  ASSERT_EQ(parsed.head.headers.size(), 4u);
  std::string all;
  for (const auto& field : parsed.head.headers) all += field.name + "=" + field.value + ";";
  EXPECT_EQ(all, "Host=h:80;X-A=1;x-a=;X-B=\xc3\xbc;");
  EXPECT_FALSE(parsed.head.HasBody());
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(RequestParser, StopsAtTheEndOfTheHead) {
  std::string head = With("Content-Length: 3\r\n");
  RequestParser parser({});
  RequestParser::Step step = parser.ParseHead(head + "abcGET /next");
  EXPECT_EQ(step.outcome, Outcome::kComplete);
  EXPECT_EQ(step.consumed, head.size());
  EXPECT_EQ(parser.head().head.content_length, 3u);
}

TEST(RequestParser, KnowsWhetherTheConnectionStaysOpen) {
  EXPECT_TRUE(ParseOrDie(With("")).keep_alive);
  EXPECT_FALSE(ParseOrDie(With("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(ParseOrDie(With("Connection: foo, CLOSE\r\n")).keep_alive);
  EXPECT_FALSE(ParseOrDie("GET / HTTP/1.0\r\nHost: h\r\n\r\n").keep_alive);
  EXPECT_TRUE(ParseOrDie("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, KnowsExpectContinueOnlyFromHttp11) {
  EXPECT_TRUE(ParseOrDie(With("Content-Length: 1\r\nExpect: 100-Continue\r\n")).head.expects_continue);
  EXPECT_FALSE(ParseOrDie(With("Content-Length: 1\r\nExpect: other\r\n")).head.expects_continue);
  EXPECT_FALSE(ParseOrDie("PUT / HTTP/1.0\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
                   .head.expects_continue);
}

TEST(RequestParser, RefusesMissingAndRepeatedHost) {
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nX: y\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: h\r\nhOST: other\r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, RefusesAHostThatIsNone) {
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n"), Outcome::kComplete);
}

TEST(RequestParser, RefusesAmbiguousLengths) {
  for (const char* lines :
       {"Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 3\r\n", "Content-Length: 3, 4\r\n", "Content-Length: +3\r\n", "Content-Length: -3\r\n",
        "Content-Length: 0x3\r\n", "Content-Length: 3 3\r\n", "Content-Length: \r\n",
        "Content-Length: 18446744073709551616\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"}) {
    EXPECT_EQ(HeadOutcome(With(lines)), Outcome::kMalformed) << lines;
  }
  EXPECT_EQ(ParseOrDie(With("Content-Length: 18446744073709551615\r\n")).head.content_length, ~std::uint64_t{0});
}

TEST(RequestParser, RefusesEveryTransferCodingButChunked) {
  for (const char* lines :
       {"Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: \r\n",
        "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\x0b"
        "chunked\r\n"}) {
    EXPECT_EQ(HeadOutcome(With(lines)), Outcome::kMalformed) << lines;
  }
  EXPECT_TRUE(ParseOrDie(With("transfer-encoding: Chunked\r\n")).head.chunked);
  EXPECT_EQ(HeadOutcome("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, RefusesFoldedLines) {
  EXPECT_EQ(HeadOutcome(With("X-A: 1\r\n 2\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X-A: 1\r\n\t2\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, RefusesLineEndsThatAreNotCrLf) {
  EXPECT_EQ(HeadOutcome("GET / HTTP/1.1\nHost: h\n\n"), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X: a\nTransfer-Encoding: chunked\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X: a\rb\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, RefusesControlBytesAndBadNames) {
  EXPECT_EQ(HeadOutcome(With(std::string_view("X: a\0b\r\n", 8))), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X: a\x7f\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X Y: a\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("X : a\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With(": a\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("no-colon\r\n")), Outcome::kMalformed);
  EXPECT_EQ(HeadOutcome(With("\xc3\xbc: a\r\n")), Outcome::kMalformed);
}

TEST(RequestParser, RefusesTargetsThatAreNoPath) {
  for (const char* target : {"*", "http://other/", "h:443", "a", "?q", "/\xc3\xbc", "/a\x7f", "/a b", ""}) {
    EXPECT_EQ(HeadOutcome("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::kMalformed)
        << target;
  }
  EXPECT_EQ(HeadOutcome("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(ParseOrDie("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").head.target, "*");
}

TEST(RequestParser, TakesTheAbsoluteFormOfItsOwnHost) {
  const auto target = [](const std::string& given) {
    return ParseOrDie("GET " + given + " HTTP/1.1\r\nHost: h.test:80\r\n\r\n").head.target;
  };
  EXPECT_EQ(target("http://h.test:80/a/b?c=http://x/"), "/a/b?c=http://x/");
  EXPECT_EQ(target("HTTP://H.test:80/"), "/");
  EXPECT_EQ(target("http://h.test:80"), "/");
  EXPECT_EQ(target("http://h.test:80?q=/"), "/?q=/");
  for (const char* other : {"http://other/", "http://h.test/", "http://u@h.test:80/", "https://h.test:80/", "http:///a",
                            "http://h.test:800/", "http://h.test:80x/", "ftp://h.test:80/", "http://h.test:80/\x7f"}) {
    EXPECT_EQ(HeadOutcome("GET " + std::string(other) + " HTTP/1.1\r\nHost: h.test:80\r\n\r\n"), Outcome::kMalformed)
        << other;
  }
  EXPECT_EQ(HeadOutcome("GET http:/// HTTP/1.1\r\nHost: \r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, RefusesOtherVersionsAndRequestLines) {
  for (const char* line : {"GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2", "GET /", "GET / http/1.1",
                           "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "G(T / HTTP/1.1", "GET\t/ HTTP/1.1"}) {
    EXPECT_EQ(HeadOutcome(std::string(line) + "\r\nHost: h\r\n\r\n"), Outcome::kMalformed) << line;
  }
}

TEST(RequestParser, RefusesAForeignProtocolAtItsFirstByte) {
  EXPECT_EQ(HeadOutcome("\x16\x03\x01"), Outcome::kMalformed);  // TLS
  EXPECT_EQ(HeadOutcome("{"), Outcome::kMalformed);
}

TEST(RequestParser, LimitsTheNumberOfFields) {
  std::string fields;
  for (int i = 0; i < 4; ++i) fields += "X: y\r\n";
  EXPECT_EQ(HeadOutcome(With(fields), {.bytes_max = 1000, .fields_max = 5}), Outcome::kComplete);
  EXPECT_EQ(HeadOutcome(With(fields), {.bytes_max = 1000, .fields_max = 4}), Outcome::kMalformed);
}

TEST(RequestParser, LimitsTheLengthOfTheHead) {
  std::string head = With("X: " + std::string(400, 'y') + "\r\n");
  EXPECT_EQ(HeadOutcome(head, {.bytes_max = head.size(), .fields_max = 5}), Outcome::kComplete);
  EXPECT_EQ(HeadOutcome(head + "body", {.bytes_max = head.size(), .fields_max = 5}), Outcome::kComplete);
  EXPECT_EQ(HeadOutcome(head, {.bytes_max = head.size() - 1, .fields_max = 5}), Outcome::kTooLarge);
  EXPECT_EQ(HeadOutcome("GET /" + std::string(300, 'a'), {.bytes_max = 256, .fields_max = 5}), Outcome::kTooLarge);
}

TEST(RequestParser, DecodesChunksWithExtensionsAndTrailer) {
  testing::Fed fed = testing::FeedWhole(
      With("Transfer-Encoding: chunked\r\n") + "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nGET /next", {});
  EXPECT_EQ(fed.head, Outcome::kComplete);
  EXPECT_EQ(fed.body, Outcome::kComplete);
  EXPECT_EQ(fed.decoded, "abc0123456789");
  EXPECT_EQ(fed.rest, "GET /next");
}

TEST(RequestParser, RefusesBrokenChunks) {
  for (const char* body : {"g\r\n", "\r\n", " 3\r\nabc\r\n", "3 \nabc", "3\r\nabcX\r\n", "3\r\nabc\n0\r\n", "-1\r\n",
                           "+3\r\nabc\r\n", "0x3\r\nabc\r\n", "10000000000000000\r\n", "3\rabc\r\n", "3;a\nabc",
                           "0\r\nbad name: x\r\n\r\n", "0\r\n folded\r\n\r\n", "0\r\nX: \x01\r\n\r\n", "0\r\n\n"}) {
    EXPECT_EQ(testing::FeedWhole(With("Transfer-Encoding: chunked\r\n") + body, {}).body, Outcome::kMalformed) << body;
  }
}

TEST(RequestParser, LimitsWhatIsDropped) {
  std::string head = With("Transfer-Encoding: chunked\r\n");
  HeadLimits limits{.bytes_max = 2000, .fields_max = 3};
  auto body = [&](const std::string& rest) { return testing::FeedWhole(head + rest, limits).body; };
  EXPECT_EQ(body("1;" + std::string(1000, 'e') + "\r\na\r\n0\r\n\r\n"), Outcome::kComplete);
  EXPECT_EQ(body("1;" + std::string(1100, 'e') + "\r\na\r\n0\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(body("0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), Outcome::kComplete);
  EXPECT_EQ(body("0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n"), Outcome::kMalformed);
  EXPECT_EQ(body("0\r\nA: " + std::string(2000, 'v') + "\r\n\r\n"), Outcome::kMalformed);
}

TEST(RequestParser, WaitsWhileTheSinkIsFull) {
  class Narrow final : public ChunkSink {
   public:
    std::size_t Take(std::string_view piece) override {
      std::size_t count = std::min(room, piece.size());
      got.append(piece.substr(0, count));
      room -= count;
      return count;
    }
    std::size_t room = 2;
    std::string got;
  } sink;
  RequestParser parser({});
  std::string head = With("Transfer-Encoding: chunked\r\n");
  ASSERT_EQ(parser.ParseHead(head).outcome, Outcome::kComplete);
  std::string_view body = "5\r\nabcde\r\n0\r\n\r\n";
  RequestParser::Step step = parser.ParseChunks(body, sink);
  EXPECT_EQ(step.outcome, Outcome::kNoRoom);
  EXPECT_EQ(sink.got, "ab");
  body.remove_prefix(step.consumed);
  sink.room = 100;
  step = parser.ParseChunks(body, sink);
  EXPECT_EQ(step.outcome, Outcome::kComplete);
  EXPECT_EQ(step.consumed, body.size());
  EXPECT_EQ(sink.got, "abcde");
}

// Every file of the fuzzer's seed corpus, whole and byte by byte.
TEST(RequestParser, TreatsTheCorpusTheSameHoweverItIsSplit) {
  std::filesystem::path folder = std::filesystem::path(FIRMSIGN_SOURCE_DIR) / "tests/corpus/http_request";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    testing::Fed whole = testing::FeedWhole(bytes, {});
    EXPECT_EQ(whole, testing::FeedSplit(bytes, {}, [](std::size_t) { return 1; })) << entry.path();
    EXPECT_EQ(whole, testing::FeedSplit(bytes, {}, [](std::size_t at) { return at % 7 + 1; })) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 20);
}

}  // namespace
}  // namespace firmsign::http
