// SPDX-License-Identifier: Apache-2.0
//
// The server seen by a client of raw bytes: requests, limits, connections. Bodies that stream are in
// server_stream_test.cc, TLS, Unix sockets and the end of the server in server_life_test.cc.

#include "platform/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <optional>
#include <thread>

#include "platform/files/file.h"
#include "platform/http/testing/server_fixture.h"

namespace firmsign::http {
namespace {

using testing::RawClient;
using testing::Reply;
using testing::Request;
using testing::Text;

class ServerTest : public testing::ServerFixture {};

TEST_F(ServerTest, AnswersABufferedRequest) {
  Start();
  RawClient client = Connect();
  Reply reply = client.Ask(Request("POST /echo?q", "Content-Length: 5\r\n", "hello"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST /echo?q hello");
  EXPECT_TRUE(reply.Has("\r\nDate: "));
  EXPECT_FALSE(reply.Has("Connection:"));
  ASSERT_EQ(handler_.heads().size(), 1u);
  EXPECT_EQ(handler_.heads()[0].peer.address, "127.0.0.1");
  EXPECT_FALSE(handler_.heads()[0].peer.tls);
  EXPECT_EQ(handler_.heads()[0].peer.uid, std::nullopt);
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  Start();
  RawClient client = Connect();
  for (char c : Request("POST /echo", "Content-Length: 5\r\n", "hello")) client.Send(std::string_view(&c, 1));
  EXPECT_EQ(client.Read().body, "POST /echo hello");
}

TEST_F(ServerTest, ServesManyRequestsOnOneConnection) {
  Start();
  RawClient client = Connect();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.Ask(Request("GET /echo?" + std::to_string(i))).body, "GET /echo?" + std::to_string(i) + " ");
    EXPECT_EQ(client.Ask(Request("GET /refuse")).status, 403);
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawClient client = Connect();
  client.Send(Request("GET /echo?1") + Request("POST /echo?2", "Content-Length: 1\r\n", "b") + Request("GET /refuse") +
              Request("POST /stream", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") +
              Request("GET /echo?5", "Connection: close\r\n"));
  EXPECT_EQ(client.Read().body, "GET /echo?1 ");
  EXPECT_EQ(client.Read().body, "POST /echo?2 b");
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_EQ(client.Read().body, "3");
  Reply last = client.Read();
  EXPECT_EQ(last.body, "GET /echo?5 ");
  EXPECT_TRUE(last.Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, AnswersAClientThatHasEndedItsHalf) {
  Start();
  RawClient client = Connect();
  client.Send(Request("GET /echo"));
  client.EndWriting();
  EXPECT_EQ(client.Read().body, "GET /echo ");
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, ClosesAfterHttp10UnlessAskedToStay) {
  Start();
  RawClient client = Connect();
  Reply kept = client.Ask("GET /echo HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.status, 200);
  EXPECT_TRUE(kept.Has("Connection: keep-alive"));
  Reply last = client.Ask("GET /echo HTTP/1.0\r\nHost: h\r\n\r\n");
  EXPECT_EQ(last.status, 200);
  EXPECT_TRUE(last.Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, SendsNoBodyForHead) {
  handler_.On("/announced", [](const RequestHead&) {
    return Run([] {
      Response response;
      response.content_length = 12345;
      return response;
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("HEAD /echo") + Request("HEAD /announced") + Request("GET /echo"));
  EXPECT_TRUE(client.Read(true).Has("Content-Length: 11\r\n"));
  EXPECT_TRUE(client.Read(true).Has("Content-Length: 12345\r\n"));
  EXPECT_EQ(client.Read().body, "GET /echo ");
}

TEST_F(ServerTest, SendsNeitherBodyNorLengthWith204) {
  handler_.On("/none", [](const RequestHead&) { return Run([] { return Text(204, "ignored"); }); });
  Start();
  RawClient client = Connect();
  client.Send(Request("GET /none") + Request("GET /echo"));
  Reply none = client.Read();
  EXPECT_EQ(none.status, 204);
  EXPECT_FALSE(none.Has("Content-Length"));
  EXPECT_EQ(client.Read().body, "GET /echo ");
}

TEST_F(ServerTest, ClosesWhenTheResponseSaysSo) {
  handler_.On("/last", [](const RequestHead&) {
    return Run([] {
      Response response;
      response.close = true;
      return response;
    });
  });
  Start();
  RawClient client = Connect();
  EXPECT_TRUE(client.Ask(Request("GET /last")).Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

// One of each rule of server.h; parser_test.cc has them all.
TEST_F(ServerTest, Answers400ToMalformedRequestsAndCloses) {
  Start();
  for (const std::string& request :
       {std::string("GET /echo HTTP/1.1\r\n\r\n"), Request("GET /echo", "Host: other\r\n"),
        Request("GET /echo", "X: a\r\n b\r\n"),
        Request("POST /echo", "Content-Length: 1\r\nContent-Length: 1\r\n", "a"),
        Request("POST /echo", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        Request("POST /echo", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), Request("GET /\xc3\xbc"),
        std::string("GET /echo HTTP/1.1\nHost: h\n\n"), std::string("\x16\x03\x01")}) {
    RawClient client = Connect();
    Reply reply = client.Ask(request);
    EXPECT_EQ(reply.status, 400) << request;
    EXPECT_TRUE(reply.Has("Connection: close"));
    EXPECT_TRUE(client.IsAtEnd());
  }
  EXPECT_TRUE(handler_.heads().empty());
}

TEST_F(ServerTest, ShowsTheHandlerNothingBehindAMalformedRequest) {
  Start();
  RawClient client = Connect();
  client.Send(Request("POST /echo", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") +
              Request("GET /echo?smuggled"));
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_TRUE(client.IsAtEnd());
  EXPECT_TRUE(handler_.heads().empty());
}

TEST_F(ServerTest, LimitsHeads) {
  ServerOptions options;
  options.head_bytes_max = 1000;
  options.headers_max = 5;
  Start(options);
  EXPECT_EQ(Connect().Ask(Request("GET /echo", "X: " + std::string(1000, 'y') + "\r\n")).status, 431);
  EXPECT_EQ(Connect().Ask(Request("GET /echo", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n")).status, 200);
  EXPECT_EQ(Connect().Ask(Request("GET /echo", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n")).status, 400);
}

TEST_F(ServerTest, TakesAHeadUpToTheLimit) {
  Start();
  RawClient client = Connect();
  EXPECT_EQ(client.Ask(Request("GET /echo", "X: " + std::string(31'000, 'y') + "\r\n")).status, 200);
  EXPECT_EQ(handler_.heads()[0].headers.Get("X").size(), 31'000u);
}

TEST_F(ServerTest, DecodesAChunkedBody) {
  Start();
  RawClient client = Connect();
  EXPECT_EQ(
      client
          .Ask(Request("POST /echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"))
          .body,
      "POST /echo abcde");
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerTest, Answers400ToABrokenChunkAndCloses) {
  Start();
  RawClient client = Connect();
  Reply reply = client.Ask(Request("POST /echo", "Transfer-Encoding: chunked\r\n", "3\r\nabcX\r\n0\r\n\r\n"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, RefusesALongBodyByItsLengthBeforeItComes) {
  Start();
  RawClient client = Connect();
  Reply reply = client.Ask(Request("POST /echo", "Content-Length: 1001\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, "too large");
  EXPECT_TRUE(reply.Has("Connection: close"));
  EXPECT_EQ(Connect().Ask(Request("POST /echo", "Content-Length: 1000\r\n", std::string(1000, 'x'))).status, 200);
}

TEST_F(ServerTest, RefusesALongChunkedBodyOnceItIsTooLong) {
  Start();
  std::string piece = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  RawClient client = Connect();
  Reply reply = client.Ask(Request("POST /echo", "Transfer-Encoding: chunked\r\n", piece + piece + "1\r\nx\r\n"));
  EXPECT_EQ(reply.status, 413);
  EXPECT_TRUE(client.IsAtEnd());
  EXPECT_EQ(Connect().Ask(Request("POST /echo", "Transfer-Encoding: chunked\r\n", piece + piece + "0\r\n\r\n")).status,
            200);
}

// Plain ones and chunked ones share the memory, and give it back.
TEST_F(ServerTest, HoldsNoMoreBodiesInMemoryThanItMay) {
  Start({.buffered_bytes_max = 1000});
  const auto begin = [](RawClient& client, const char* line, const char* how) {
    client.Send(Request(line, std::string(how) + "\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(client.Read().head, "HTTP/1.1 100 Continue\r\n\r\n");
  };
  const std::string body(600, 'x');
  RawClient first = Connect();
  begin(first, "POST /wait", "Content-Length: 600");
  first.Send(body);
  has_begun_.Wait();
  RawClient second = Connect();
  begin(second, "POST /echo", "Content-Length: 600");
  second.Send(body);
  Reply refused = second.Read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "no memory");
  EXPECT_TRUE(second.IsAtEnd());
  RawClient third = Connect();
  begin(third, "POST /echo", "Transfer-Encoding: chunked");
  third.Send("258\r\n" + body);
  EXPECT_EQ(third.Read().status, 503);
  may_end_.Set();
  EXPECT_EQ(first.Read().body, "done");
  for (int round = 0; round < 3; ++round) {
    begin(first, "POST /echo", "Content-Length: 600");
    first.Send(body);
    EXPECT_EQ(first.Read().status, 200);
    begin(first, "POST /echo", "Transfer-Encoding: chunked");
    first.Send("258\r\n" + body + "\r\n0\r\n\r\n");
    EXPECT_EQ(first.Read().status, 200);
  }
}

TEST_F(ServerTest, Sends100OnlyWhenTheDecisionAllowsTheBody) {
  Start();
  RawClient client = Connect();
  client.Send(Request("POST /echo", "Content-Length: 2\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.Read().head, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.Ask("ab").body, "POST /echo ab");

  client.Send(Request("POST /refuse", "Content-Length: 2\r\nExpect: 100-continue\r\n"));
  Reply refused = client.Read();
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.Has("Connection: close"));
}

TEST_F(ServerTest, Sends100ForAnEmptyBodyToo) {
  Start();
  RawClient client = Connect();
  for (const std::string path : {"/echo", "/stream"}) {
    client.Send(Request("PUT " + path, "Content-Length: 0\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(client.Read().head, "HTTP/1.1 100 Continue\r\n\r\n") << path;
    EXPECT_EQ(client.Read().status, 200) << path;
  }
  // A client that gets its final response at once does not know where the next one begins.
  client.Send(Request("PUT /refuse", "Content-Length: 0\r\nExpect: 100-continue\r\n"));
  Reply refused = client.Read();
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, DeliversARefusalToAClientThatGoesOnSending) {
  Start();
  RawClient client = Connect();
  // More than the server reads: without its lingering the client would see a reset instead of the answer.
  client.Send(Request("POST /refuse", "Content-Length: 60000\r\n", std::string(60'000, 'x')));
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, SendsALongBody) {
  std::string text(5'000'000, 'x');
  text += "end";
  handler_.On("/long", [&](const RequestHead&) { return Run([&] { return Text(200, text); }); });
  Start();
  EXPECT_EQ(Connect().Ask(Request("GET /long")).body, text);
}

TEST_F(ServerTest, SendsPiecesOfFiles) {
  std::string content;
  for (int i = 0; i < 700'000; ++i) content += static_cast<char>('a' + i % 23);
  std::string path = folder_ / "image";
  std::ofstream(path, std::ios::binary) << content;
  handler_.On("/file", [&](const RequestHead&) {
    return Run([&] {
      auto file = files::OpenForReading(path);
      Response response;
      response.body = std::vector<FileRange>{{*file, 10, 600'000}, {*file, 0, 0}, {*file, 699'990, 10}};
      return response;
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("GET /file") + Request("HEAD /file"));
  EXPECT_EQ(client.Read().body, content.substr(10, 600'000) + content.substr(699'990));
  EXPECT_TRUE(client.Read(true).Has("Content-Length: 600010\r\n"));
}

TEST_F(ServerTest, BreaksOffWhenAFileIsShorterThanPromised) {
  std::string path = folder_ / "short";
  std::ofstream(path) << "abc";
  handler_.On("/file", [&](const RequestHead&) {
    return Run([&] {
      Response response;
      response.body = std::vector<FileRange>{{*files::OpenForReading(path), 0, 4}};
      return response;
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("GET /file"));
  EXPECT_EQ(client.Read().status, 0);
}

TEST_F(ServerTest, CountsRequestsInFlight) {
  Start();
  EXPECT_EQ(server_->RequestsInFlight(), 0u);
  RawClient client = Connect();
  client.Send(Request("GET /wait"));
  has_begun_.Wait();
  EXPECT_EQ(server_->RequestsInFlight(), 1u);
  may_end_.Set();
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ServerTest, LeavesAConnectionAboveTheLimitWaiting) {
  ServerOptions options;
  options.connections_max = 2;
  Start(options);
  RawClient first = Connect();
  RawClient second = Connect();
  EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(second.Ask(Request("GET /echo")).status, 200);
  RawClient third = Connect();  // the kernel accepts it, the server does not yet
  third.Send(Request("GET /echo?third"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(first.Ask(Request("GET /echo")).status, 200);
  for (const RequestHead& head : handler_.heads()) EXPECT_EQ(head.target, "/echo");
  second.Close();
  EXPECT_EQ(third.Read().body, "GET /echo?third ");
}

TEST_F(ServerTest, EndsConnectionsThatMissADeadline) {
  ServerOptions options;
  options.head_seconds_max = std::chrono::seconds(1);
  options.body_seconds_max = std::chrono::seconds(1);
  options.idle_seconds_max = std::chrono::seconds(1);
  Start(options);
  RawClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  RawClient half_head = Connect();
  half_head.Send("GET /echo HTTP/1.1\r\nHo");
  RawClient half_body = Connect();
  half_body.Send(Request("POST /echo", "Content-Length: 2\r\n", "a"));
  EXPECT_TRUE(idle.IsAtEnd());
  EXPECT_TRUE(half_head.IsAtEnd());
  EXPECT_TRUE(half_body.IsAtEnd());
}

TEST_F(ServerTest, DoesNotHurryAHandler) {
  ServerOptions options;
  options.head_seconds_max = options.body_seconds_max = options.idle_seconds_max = std::chrono::seconds(1);
  Start(options);
  RawClient waiting = Connect();
  waiting.Send(Request("GET /wait"));
  // Once another connection has met its deadline, this one would have as well.
  RawClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  EXPECT_TRUE(idle.IsAtEnd());
  may_end_.Set();
  EXPECT_EQ(waiting.Read().body, "done");
}

TEST_F(ServerTest, ListensOnSeveralAddressesWithTheirOwnHandlers) {
  testing::PathHandler other;
  other.On("/other", [](const RequestHead&) { return Run([] { return Text(200, "other"); }); });
  Start();
  auto port = server_->Listen("::1", 0, nullptr, &other);
  if (!port) GTEST_SKIP() << "this machine has no IPv6: " << port.error().message;
  EXPECT_EQ(Connect().Ask(Request("GET /other")).status, 404);
  EXPECT_EQ(server_->Listen("no address", 0).error().code, Code::kInvalid);
  EXPECT_EQ(server_->Listen("127.0.0.1", port_).error().code, Code::kUnavailable);
}

// Run under ThreadSanitizer as well.
class ServerConcurrency : public testing::ServerFixture {};

TEST_F(ServerConcurrency, ServesManyConnectionsOnSeveralThreads) {
  ServerOptions options;
  options.io_threads = 3;
  options.pool_threads = 4;
  options.streams_max = 3;
  Start(options);
  constexpr int kClients = 12;
  constexpr int kRounds = 40;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      std::optional<RawClient> held(Connect());
      for (int i = 0; i < kRounds; ++i) {
        if (i % 10 == 9) held.emplace(Connect());
        RawClient& client = *held;
        std::string id = std::to_string(c) + "." + std::to_string(i);
        Reply reply = client.Ask(Request("POST /echo?" + id, "Content-Length: 3\r\n", "abc"));
        if (reply.body != "POST /echo?" + id + " abc") ++wrong;
        if (client.Ask(Request("GET /refuse")).status != 403) ++wrong;
        std::string body(static_cast<std::size_t>(1000 * (i % 5)), 's');
        Reply streamed =
            client.Ask(Request("PUT /stream", "Content-Length: " + std::to_string(body.size()) + "\r\n", body));
        if (streamed.status == 503) {  // the lane is full: the connection ends when there was a body
          if (!body.empty()) held.emplace(Connect());
        } else if (streamed.body != std::to_string(body.size())) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(handler_.heads().size(), static_cast<std::size_t>(kClients * kRounds * 3));
}

TEST_F(ServerConcurrency, StopsWhileClientsCome) {
  ServerOptions options;
  options.io_threads = 2;
  Start(options);
  std::atomic<bool> ends = false;
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      while (!ends) {
        RawClient client = Connect();
        if (!client.is_connected()) return;
        client.Ask(Request("GET /echo"));
        client.Ask(Request("PUT /stream", "Content-Length: 4\r\n", "abcd"));
      }
    });
  }
  while (handler_.heads().size() < 40) std::this_thread::yield();
  std::thread also([&] { server_->Stop(); });
  server_->Stop();
  also.join();
  ends = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(server_->RequestsInFlight(), 0u);
}

}  // namespace
}  // namespace firmsign::http
