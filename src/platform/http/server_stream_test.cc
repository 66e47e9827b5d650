// SPDX-License-Identifier: Apache-2.0
//
// Streaming bodies of requests, and clients that are slow.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "platform/files/file.h"
#include "platform/http/body_pipe.h"
#include "platform/http/testing/server_fixture.h"

namespace firmsign::http {
namespace {

using testing::Event;
using testing::RawClient;
using testing::ReadAll;
using testing::Reply;
using testing::Request;
using testing::Text;

constexpr std::string_view kExpect = "Expect: 100-continue\r\n";

class ServerStreamTest : public testing::ServerFixture {
 protected:
  static std::string Length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }
};

// Bytes whose order shows.
std::string Pattern(std::size_t count) {
  std::string all(count, '\0');
  for (std::size_t i = 0; i < count; ++i) all[i] = static_cast<char>(i * 31 + i / 251);
  return all;
}

TEST(BodyPipe, GivesBytesInOrderThroughASmallRing) {
  std::atomic<int> wakes = 0;
  BodyPipe pipe(7, [&] { ++wakes; });
  std::string sent = Pattern(5000);
  std::string got;
  std::thread reader([&] { got = ReadAll(pipe, 3).value(); });
  std::string_view rest = sent;
  while (!rest.empty()) {
    rest.remove_prefix(pipe.Take(rest));
    std::this_thread::yield();
  }
  pipe.End();
  reader.join();
  EXPECT_EQ(got, sent);
  EXPECT_GE(wakes, 1);
}

TEST(BodyPipe, GivesWhatCameBeforeAFailureFirst) {
  BodyPipe pipe(10, [] {});
  EXPECT_EQ(pipe.Take("abc"), 3u);
  pipe.Fail(Error{.code = Code::kInvalid, .message = "first"});
  pipe.Fail(Error{.code = Code::kUnavailable, .message = "second"});
  std::string out(10, '\0');
  EXPECT_EQ(pipe.Read(out).value(), 3u);
  EXPECT_EQ(pipe.Read(out).error().message, "first");
}

TEST(BodyPipe, TakesNoMoreThanFits) {
  int wakes = 0;
  BodyPipe pipe(4, [&] { ++wakes; });
  EXPECT_EQ(pipe.Take("abcdef"), 4u);
  EXPECT_TRUE(pipe.Room().empty());
  std::string out(4, '\0');
  EXPECT_EQ(pipe.Read(out).value(), 4u);
  EXPECT_EQ(wakes, 2);  // for the first Read, and for the room
  EXPECT_EQ(pipe.Room().size(), 4u);
}

TEST_F(ServerStreamTest, GivesTheHandlerEveryByteInOrder) {
  std::string got;
  handler_.On("/keep", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      got = ReadAll(body, 4096).value_or("failed");
      return Text(200, "ok");
    });
  });
  Start();
  std::string sent = Pattern(5'000'000);
  RawClient client = Connect();
  EXPECT_EQ(client.Ask(Request("PUT /keep", Length(sent.size()), sent)).body, "ok");
  EXPECT_TRUE(got == sent);

  std::string chunks;
  for (std::size_t at = 0; at < sent.size(); at += 70'000) {
    std::string piece = sent.substr(at, 70'000);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunks += size + piece + "\r\n";
  }
  EXPECT_EQ(client.Ask(Request("PUT /keep", "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n")).body, "ok");
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerStreamTest, HasNoBytesForARequestWithoutBody) {
  Start();
  RawClient client = Connect();
  EXPECT_EQ(client.Ask(Request("PUT /stream")).body, "0");
  EXPECT_EQ(client.Ask(Request("PUT /stream", Length(0))).body, "0");
}

TEST_F(ServerStreamTest, HoldsAFastClientBackWhileTheHandlerIsSlow) {
  Event may_read;
  handler_.On("/slow", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      may_read.Wait();
      auto all = ReadAll(body);
      return Text(200, all ? std::to_string(all->size()) : "failed");
    });
  });
  ServerOptions options;
  options.stream_rate_seconds = std::chrono::seconds(1);
  options.idle_seconds_max = std::chrono::seconds(1);
  Start(options);
  constexpr std::size_t kBytes = 64'000'000;  // far more than the buffers of the server and of the kernel
  RawClient client = Connect();
  int small = 65536;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  client.Send(Request("PUT /slow", Length(kBytes)));
  std::atomic<std::size_t> sent = 0;
  std::thread sender([&] {
    std::string piece(100'000, 'x');
    for (std::size_t at = 0; at < kBytes; at += piece.size()) {
      if (!client.Send(piece)) return;
      sent = at + piece.size();
    }
  });
  // The rate window passes for another connection meanwhile, so this one was not blamed for its handler.
  RawClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  EXPECT_TRUE(idle.IsAtEnd());
  EXPECT_LT(sent, kBytes);
  may_read.Set();
  EXPECT_EQ(client.Read().body, std::to_string(kBytes));
  sender.join();
}

TEST_F(ServerStreamTest, Sends100AtTheFirstRead) {
  Event has_begun;
  Event may_read;
  handler_.On("/late", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      has_begun.Set();
      may_read.Wait();
      return Text(200, ReadAll(body).value_or("failed"));
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("PUT /late", Length(3) + std::string(kExpect)));
  has_begun.Wait();
  // Other requests come and go; this client still hears nothing.
  EXPECT_EQ(Connect().Ask(Request("GET /echo")).status, 200);
  char byte = 0;
  EXPECT_EQ(::recv(client.descriptor(), &byte, 1, MSG_DONTWAIT), -1);
  may_read.Set();
  EXPECT_EQ(client.Read().status, 100);
  EXPECT_EQ(client.Ask("abc").body, "abc");
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerStreamTest, SendsNo100WhenTheHandlerDoesNotRead) {
  handler_.On("/deny", [](const RequestHead&) { return Streamed([](BodyReader&) { return Text(403, "denied"); }); });
  Start();
  RawClient client = Connect();
  Reply reply = client.Ask(Request("PUT /deny", Length(3) + std::string(kExpect)));
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(reply.Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerStreamTest, SkipsALittleThatTheHandlerLeft) {
  handler_.On("/deny", [](const RequestHead&) { return Streamed([](BodyReader&) { return Text(403, "denied"); }); });
  Start();
  RawClient client = Connect();
  client.Send(Request("PUT /deny", Length(500'000), std::string(500'000, 'x')) + Request("GET /echo"));
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_EQ(client.Read().body, "GET /echo ");
  client.Send(Request("PUT /deny", "Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\n\r\n") + Request("GET /echo"));
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_EQ(client.Read().body, "GET /echo ");
}

TEST_F(ServerStreamTest, ClosesRatherThanSkipMuch) {
  handler_.On("/deny", [](const RequestHead&) { return Streamed([](BodyReader&) { return Text(403, "denied"); }); });
  Start();
  RawClient client = Connect();
  // The answer comes although the body never does.
  Reply reply = client.Ask(Request("PUT /deny", Length(50'000'000)));
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(reply.Has("Connection: close"));
}

TEST_F(ServerStreamTest, AnswersEarlyWhileTheClientIsStillSilent) {
  Event half_read;
  handler_.On("/half", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      std::string piece(10, '\0');
      std::size_t count = body.Read(piece).value_or(0);
      half_read.Set();
      return Text(422, piece.substr(0, count));
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("PUT /half", Length(2'000'000), "first"));
  half_read.Wait();
  EXPECT_EQ(client.Read().body, "first");
}

TEST_F(ServerStreamTest, TellsTheHandlerThatTheClientLeft) {
  Event ended;
  Code code = Code::kInternal;
  handler_.On("/keep", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      auto all = ReadAll(body);
      code = all ? Code::kInternal : all.error().code;
      ended.Set();
      return Text(200, "");
    });
  });
  Start();
  RawClient client = Connect();
  client.Send(Request("PUT /keep", Length(10), "abc"));
  client.Close();
  ended.Wait();
  EXPECT_EQ(code, Code::kUnavailable);
}

TEST_F(ServerStreamTest, TellsTheHandlerThatTheFramingIsBroken) {
  Start();
  RawClient client = Connect();
  Reply reply = client.Ask(Request("PUT /stream", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\nzz\r\n"));
  EXPECT_EQ(reply.body, "invalid");
  EXPECT_TRUE(reply.Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerStreamTest, EndsAClientThatSendsTooSlowly) {
  Event ended;
  handler_.On("/keep", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      EXPECT_EQ(ReadAll(body).error().code, Code::kUnavailable);
      ended.Set();
      return Text(200, "");
    });
  });
  ServerOptions options;
  options.stream_rate_seconds = std::chrono::seconds(1);
  Start(options);
  RawClient client = Connect();
  client.Send(Request("PUT /keep", Length(10), "abc"));
  ended.Wait();
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerStreamTest, EndsAClientThatReadsTooSlowly) {
  std::string path = folder_ / "image";
  std::ofstream(path, std::ios::binary) << std::string(30'000'000, 'f');
  handler_.On("/file", [&](const RequestHead&) {
    return Run([&] {
      Response response;
      response.body = std::vector<FileRange>{{*files::OpenForReading(path), 0, 30'000'000}};
      return response;
    });
  });
  ServerOptions options;
  options.stream_rate_seconds = std::chrono::seconds(1);
  options.drain_seconds_max = std::chrono::seconds(60);
  Start(options);
  RawClient client = Connect();
  client.Send(Request("GET /file"));
  EXPECT_NE(client.ReadSome(), "");
  // From here on it reads nothing. Once it is cut off, the server has nothing to drain.
  while (server_->RequestsInFlight() > 0) std::this_thread::yield();
  EXPECT_LT(client.ReadToEnd().size(), 30'000'000u);
}

TEST_F(ServerStreamTest, AnswersBusyWhenTheLaneIsFull) {
  Event has_begun;
  Event may_end;
  handler_.On("/hold", [&](const RequestHead&) {
    return Streamed([&](BodyReader&) {
      has_begun.Set();
      may_end.Wait();
      return Text(200, "held");
    });
  });
  ServerOptions options;
  options.streams_max = 1;
  Start(options);
  RawClient first = Connect();
  first.Send(Request("PUT /hold"));
  has_begun.Wait();
  RawClient second = Connect();
  Reply busy = second.Ask(Request("PUT /stream"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.body, "busy");
  EXPECT_EQ(second.Ask(Request("GET /echo")).status, 200);  // the other lane is open
  may_end.Set();
  EXPECT_EQ(first.Read().body, "held");
}

}  // namespace
}  // namespace firmsign::http
